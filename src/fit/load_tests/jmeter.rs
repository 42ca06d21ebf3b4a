//! A test plan for JMeter: the elements and properties that its versions from 2.13 to 5.6 write
//! (`ThreadGroup`, `HTTPSamplerProxy`, `BeanShellTimer`; apache/jmeter `bin/saveservice.properties`
//! has their names). It has no thresholds on percentiles: the result is read by `simsrv fit`.

use super::plan::{LoadTest, TestLoad, Think};
use super::url::Url;

/// The plan.
pub(crate) fn text(test: &LoadTest) -> String {
    let save = "-Jjmeter.save.saveservice";
    let run = [
        format!(
            "jmeter -n -t THIS-FILE -l result.jtl {save}.output_format=csv {save}.print_field_names=true"
        ),
        test.reads("result.jtl", true),
    ];
    let comments = escaped(&test.header(&run).join("\n"));
    let plan = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="2.8" jmeter="2.13">
  <hashTree>
    <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="simsrv check" enabled="true">
      <stringProp name="TestPlan.comments">{comments}</stringProp>
      <boolProp name="TestPlan.functional_mode">false</boolProp>
      <boolProp name="TestPlan.serialize_threadgroups">false</boolProp>
      <elementProp name="TestPlan.user_defined_variables" elementType="Arguments" guiclass="ArgumentsPanel" testclass="Arguments" testname="User Defined Variables" enabled="true">
        <collectionProp name="Arguments.arguments"/>
      </elementProp>
      <stringProp name="TestPlan.user_define_classpath"></stringProp>
    </TestPlan>
    <hashTree>
"#
    );
    let close = "    </hashTree>\n  </hashTree>\n</jmeterTestPlan>\n";
    let groups: String = match test.paths.is_empty() {
        true => group(test, "clients", 1.0, &test.url),
        // Each route is a Poisson process of its own.
        false => test.paths.iter().map(|of| group(test, &of.name, of.share, &of.url)).collect(),
    };
    format!("{plan}{groups}{close}")
}

/// The sources of a share of an open load.
fn sources(test: &LoadTest, share: f64) -> u32 {
    (f64::from(test.sources()) * share).ceil() as u32
}

/// The threads that send a share of the load to an address, and their pauses.
fn group(test: &LoadTest, name: &str, share: f64, url: &Url) -> String {
    let threads = match test.load {
        TestLoad::Open(_) => sources(test, share),
        TestLoad::Closed(users, _) => users,
    };
    let name = escaped(name);
    let seconds = test.warmup + test.seconds;
    format!(
        r#"      <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="{name}" enabled="true">
        <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController" guiclass="LoopControlPanel" testclass="LoopController" testname="Loop Controller" enabled="true">
          <boolProp name="LoopController.continue_forever">false</boolProp>
          <intProp name="LoopController.loops">-1</intProp>
        </elementProp>
        <stringProp name="ThreadGroup.num_threads">{threads}</stringProp>
        <stringProp name="ThreadGroup.ramp_time">0</stringProp>
        <boolProp name="ThreadGroup.scheduler">true</boolProp>
        <stringProp name="ThreadGroup.duration">{seconds}</stringProp>
        <stringProp name="ThreadGroup.delay">0</stringProp>
      </ThreadGroup>
      <hashTree>
{}        <hashTree>
{}        </hashTree>
      </hashTree>
"#,
        sampler(test, url),
        timer(test, share)
    )
}

fn sampler(test: &LoadTest, url: &Url) -> String {
    let port = url.port.map(|port| port.to_string()).unwrap_or_default();
    let (host, scheme, path) = (&url.host, &url.scheme, escaped(&url.path));
    format!(
        r#"        <HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="request" enabled="true">
          <elementProp name="HTTPsampler.Arguments" elementType="Arguments" guiclass="HTTPArgumentsPanel" testclass="Arguments" testname="User Defined Variables" enabled="true">
            <collectionProp name="Arguments.arguments"/>
          </elementProp>
          <stringProp name="HTTPSampler.domain">{host}</stringProp>
          <stringProp name="HTTPSampler.port">{port}</stringProp>
          <stringProp name="HTTPSampler.protocol">{scheme}</stringProp>
          <stringProp name="HTTPSampler.path">{path}</stringProp>
          <stringProp name="HTTPSampler.method">GET</stringProp>
          <boolProp name="HTTPSampler.follow_redirects">false</boolProp>
          <boolProp name="HTTPSampler.auto_redirects">false</boolProp>
          <boolProp name="HTTPSampler.use_keepalive">{}</boolProp>
        </HTTPSamplerProxy>
"#,
        test.keeps
    )
}

/// The script of a timer gives the milliseconds to wait before the request.
fn timer(test: &LoadTest, share: f64) -> String {
    let script = match test.load {
        TestLoad::Open(rate) => {
            let gap = f64::from(sources(test, share)) / (rate * share) * 1e3;
            format!(
                "double now = System.currentTimeMillis();\n\
                 Object last = vars.getObject(\"due\");\n\
                 double due = (last == null ? now : ((Double) last).doubleValue())\n  \
                 - Math.log(1.0 - Math.random()) * {gap:.6};\n\
                 vars.putObject(\"due\", new Double(due));\n\
                 return String.valueOf((long) Math.max(0.0, due - now));"
            )
        }
        TestLoad::Closed(_, Think::None) => return String::new(),
        TestLoad::Closed(_, Think::Constant(seconds)) => {
            format!("return String.valueOf((long) {:.0});", seconds * 1e3)
        }
        TestLoad::Closed(_, Think::Exponential(mean)) => {
            let mean = mean * 1e3;
            format!("return String.valueOf((long) (-Math.log(1.0 - Math.random()) * {mean:.6}));")
        }
    };
    format!(
        r#"          <BeanShellTimer guiclass="TestBeanGUI" testclass="BeanShellTimer" testname="pause" enabled="true">
            <stringProp name="filename"></stringProp>
            <stringProp name="parameters"></stringProp>
            <boolProp name="resetInterpreter">false</boolProp>
            <stringProp name="script">{}</stringProp>
          </BeanShellTimer>
          <hashTree/>
"#,
        escaped(&script)
    )
}

/// A text in XML that JMeter does not take for one of its variables.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '$' => escaped.push('\u{ff04}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_text() {
        assert_eq!(escaped("a<b>&\"c\" ${x}"), "a&lt;b&gt;&amp;&quot;c&quot; \u{ff04}{x}");
    }
}

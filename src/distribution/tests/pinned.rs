//! The first values of every distribution, as they are today.
//!
//! A change here changes every published result: a request that has to change it says so in the change
//! log, and every experiment is run again.

use super::{distribution, load, stream};
use crate::distribution::ArrivalProcess;

#[test]
fn drawn_values_are_as_they_were() {
    for (text, expect) in DISTRIBUTIONS {
        let mut drawn = [0; 4];
        distribution(text).sampler().fill(&mut stream(0), &mut drawn);
        assert_eq!(drawn, expect, "{text}");
    }
}

#[test]
fn every_kind_is_pinned() {
    assert_eq!(DISTRIBUTIONS.map(|(text, _)| text), super::EVERY_KIND);
    assert_eq!(ARRIVALS.map(|(text, _)| text), super::arrivals::EVERY_KIND);
}

#[test]
fn drawn_gaps_are_as_they_were() {
    for (text, expect) in ARRIVALS {
        let mut drawn = [0; 4];
        let distribution = ArrivalProcess::parse_with(text, &load).expect(text);
        distribution.sampler(120.0).fill(&mut stream(0), &mut drawn);
        assert_eq!(drawn, expect, "{text}");
    }
}

const DISTRIBUTIONS: [(&str, [u64; 4]); 25] = [
    ("3s", [3000000000, 3000000000, 3000000000, 3000000000]),
    ("exp(20ms)", [22974878, 15492704, 8121083, 474757]),
    ("uniform(10ms,30ms)", [25552268, 25777214, 12470899, 10309051]),
    ("erlang(mean=20ms,k=3)", [27880309, 4900408, 12478951, 37875457]),
    ("gamma(mean=20ms,cv=0.5)", [27019168, 6347984, 13593650, 35340072]),
    ("gamma(mean=20ms,cv=2)", [49282291, 2, 1425219, 1378027]),
    ("lognormal(mean=20ms,cv=2)", [24452883, 20300262, 1020982, 1483606]),
    ("lognormal(median=20ms,p99=300ms)", [50328753, 42427695, 2730136, 3846876]),
    ("lognormal(mean=20ms,p95=60ms)", [27120664, 23655222, 2630957, 3462047]),
    ("weibull(mean=20ms,shape=0.7)", [2199613, 2022429, 45326279, 121496240]),
    ("weibull(mean=20ms,cv=1.5)", [2060555, 1891038, 45415895, 124435103]),
    ("weibull(median=20ms,p90=100ms)", [5138604, 4749180, 87886585, 221698481]),
    ("pareto(mean=20ms,alpha=2.5)", [13270148, 13194141, 27698182, 63618195]),
    ("pareto(min=12ms,alpha=3.5)", [12894117, 12841322, 21810209, 39501164]),
    ("pareto(min=12ms,alpha=1,max=10s)", [53734613, 56580837, 13689202, 12188111]),
    ("pareto(min=12ms,alpha=2.2,max=1s)", [23763424, 24330523, 12741236, 12085241]),
    ("hyperexp(mean=20ms,cv=4)", [7988662, 244804, 52739161, 2430256]),
    ("mix(90%:5ms,10%:exp(200ms))", [5000000, 5000000, 5000000, 5000000]),
    (
        "mix(1:exp(1ms),2:uniform(1s,2s),1:mix(50%:1s,50%:gamma(mean=3s,cv=0.3)))",
        [1000000000, 1000000000, 23738, 5113949],
    ),
    ("quantiles(p50=20ms,p99=300ms,max=2s)", [92758527, 98707342, 2497283, 1374124]),
    ("quantiles(min=1ms,p10=2ms,p99.9=300ms,max=2s)", [87345345, 92996077, 2280458, 1113055]),
    ("samples:data.csv#wait", [4000000, 4000000, 1000000, 1000000]),
    ("samples:data.csv", [4000000, 4000000, 1000000, 1000000]),
    ("exp(20ms) + 5ms", [27974878, 20492704, 13121083, 5474757]),
    ("mix(50%:samples:data.csv + 1ms,50%:2ms) + 3us", [2003000, 2003000, 2003000, 4003000]),
];

const ARRIVALS: [(&str, [u64; 4]); 25] = [
    ("poisson", [9572866, 6455293, 3383785, 197815]),
    ("constant", [8333333, 8333334, 8333333, 8333333]),
    ("uniform", [11510989, 2059082, 257542, 2607339]),
    ("gamma(cv=2)", [43670529, 1, 593841, 574178]),
    ("gamma(cv=0)", [8333333, 8333334, 8333333, 8333333]),
    ("erlang(k=2)", [12529083, 1772740, 15619548, 984110]),
    ("hyperexp(cv=3)", [17802613, 22495581, 1036612, 4381957]),
    ("lognormal(cv=2)", [32886990, 425409, 618170, 1866306]),
    ("weibull(shape=0.7)", [26685071, 50623434, 15915527, 1834736]),
    ("weibull(cv=1.5)", [27579697, 51847960, 15886426, 1745479]),
    ("pareto(alpha=2.5)", [10965312, 11540910, 26507581, 10500997]),
    ("mix(50%:exp(1ms),50%:exp(1s))", [3755189, 85147, 3923647, 16586]),
    ("samples:data.csv#gap", [10368179, 3333333, 3333333, 10000000]),
    ("gamma(mean=20ms,cv=0.5)", [10054025, 3267797, 13504229, 2373404]),
    ("mmpp(96/s:10s,16/s:40s)", [12905210, 395466, 85196981, 3925935]),
    ("mmpp(1/s:1s,0/s:2s,5/min:3s)", [16026935, 491128, 105805838, 4875605]),
    ("onoff(on=1s,off=9s)", [6971736660, 4258076, 196215, 829438]),
    ("batch(3)", [28718597, 0, 0, 19365881]),
    ("batch(geometric(3))", [28718597, 0, 2186647, 0]),
    ("batch(geometric(2.5))", [23932165, 0, 1822205, 0]),
    ("batch(mix(70%:1,30%:10))", [35419603, 0, 0, 0]),
    // five times the gaps of poisson: the first level is 20 % of a mean of 100 %
    ("profile(0s:20%,1s:100%,2s:180%,period=3s)", [47864329, 32276467, 16918924, 989076]),
    ("ramp(0s:0,1s:2,period=3s)", [110394079, 45590490, 59022780, 44922674]),
    // those of poisson: nothing changes in the first hour
    ("steps(1h:300%,2h:50%)", [9572866, 6455293, 3383785, 197815]),
    ("spike(at=1h,for=1h,by=5)", [9572866, 6455293, 3383785, 197815]),
];

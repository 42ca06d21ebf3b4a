<%@ page contentType="text/plain" session="false" trimDirectiveWhitespaces="true"
    import="java.lang.management.ManagementFactory, java.lang.management.ThreadMXBean, java.util.Locale" %>
<%-- What served.py does, for Tomcat. --%>
<%
    double began = System.nanoTime() / 1e9;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (String phase : request.getRequestURI().split("/")) {
        String[] said = phase.split(":");
        long nanos = said.length < 2 ? 0 : Math.round(Double.parseDouble(said[1]) * 1e9);
        if (said[0].equals("cpu")) {
            for (long ends = threads.getCurrentThreadCpuTime() + nanos; threads.getCurrentThreadCpuTime() < ends;) { }
        } else if (said[0].equals("io")) {
            Thread.sleep(nanos / 1000000, (int) (nanos % 1000000));
        }
    }
    response.setContentLength(5);
    response.setHeader("X-Process", Long.toString(ProcessHandle.current().pid()));
    response.setHeader("X-Began", String.format(Locale.ROOT, "%.6f", began));
    response.setHeader("X-Ended", String.format(Locale.ROOT, "%.6f", System.nanoTime() / 1e9));
    out.print("done\n");
%>

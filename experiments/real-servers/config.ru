# What served.py does, for Puma.
app = lambda do |env|
  now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  cpu = -> { Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) }
  began = now.call
  env["PATH_INFO"].split("/").each do |phase|
    kind, seconds = phase.split(":")
    if kind == "cpu"
      ends = cpu.call + seconds.to_f
      200.times { } while cpu.call < ends
    elsif kind == "io"
      sleep seconds.to_f
    end
  end
  headers = { "content-type" => "text/plain", "content-length" => "5", "x-process" => Process.pid.to_s,
              "x-began" => format("%.6f", began), "x-ended" => format("%.6f", now.call) }
  [200, headers, ["done\n"]]
end
run app

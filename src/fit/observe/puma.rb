# simsrv observe puma: CPU and wall time of every request, for 'simsrv fit'.
# Save this as observed.rb; in config.ru: require_relative "observed" and
# use Observed, before all others. One thread has one request at a time; a body that
# is made while it is sent is not counted.
class Observed
  def initialize(app, path = "observed.log")
    @app = app
    @log = File.open(path, "a").tap { |log| log.sync = true }
  end

  def call(env)
    cpu = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID)
    wall = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    status = 500
    response = @app.call(env)
    status = response[0]
    response
  ensure
    cpu = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) - cpu
    wall = Process.clock_gettime(Process::CLOCK_MONOTONIC) - wall
    write(env, status, wall, cpu)
  end

  private

  def write(env, status, wall, cpu)
    ended = Time.now.utc
    path = env["PATH_INFO"].to_s.gsub(/["\s]/, "_")
    came = env["HTTP_X_REQUEST_START"].to_s.delete(" ")
    @log.write(format(
      "- - - [%s] \"%s %s HTTP/1.1\" %d - \"-\" \"-\" D=%d pid=<%d> cpu_us=%d msec=%.6f xrs=%s\n",
      ended.strftime("%d/%b/%Y:%H:%M:%S +0000"), env["REQUEST_METHOD"], path, status.to_i,
      wall * 1e6, Process.pid, cpu * 1e6, ended.to_f, came.empty? ? "-" : came
    ))
  end
end

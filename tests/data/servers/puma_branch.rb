# Which address depends on a variable that is not read.
if ENV["SOCKET"]
  bind "unix://#{ENV["SOCKET"]}"
else
  bind "tcp://0.0.0.0:3000"
end
workers 2
threads 5, 5

# config/puma.rb
max_threads_count = 8
workers 3
threads 2, 8
preload_app!
bind "tcp://0.0.0.0:9292?backlog=256"
environment "production"
on_worker_boot do
  puts "ready"
end

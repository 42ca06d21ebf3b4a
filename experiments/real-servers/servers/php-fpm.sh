#!/bin/bash
# PHP-FPM with so many children behind nginx: php-fpm.sh PORT CHILDREN FOLDER
set -eu
port=$1 children=$2 folder=$3
app=$(cd "$(dirname "$0")/.." && pwd)/app.php
fpm=$(compgen -c php-fpm | sort -V | tail -1)
user=$(id -un)
cat > "$folder/fpm.conf" <<FPM
[global]
error_log = $folder/fpm.log
daemonize = no
[www]
user = $user
group = $(id -gn)
listen = $folder/fpm.sock
listen.owner = $user
pm = static
pm.max_children = $children
FPM
cat > "$folder/nginx.conf" <<NGINX
daemon off;
user $user;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path $folder/body;
    fastcgi_temp_path $folder/fastcgi;
    server {
        listen 127.0.0.1:$port;
        location / {
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME $app;
            fastcgi_pass unix:$folder/fpm.sock;
        }
    }
}
NGINX
root=(); [ "$(id -u)" != 0 ] || root=(--allow-to-run-as-root)
"$fpm" "${root[@]}" --fpm-config "$folder/fpm.conf" &
nginx -p "$folder" -c "$folder/nginx.conf" &
trap 'kill $(jobs -p); wait' TERM INT
wait

#!/bin/bash
# Apache's prefork with mod_php and so many children: apache.sh PORT CHILDREN FOLDER
set -eu
port=$1 children=$2 folder=$3
app=$(cd "$(dirname "$0")/.." && pwd)/app.php
modules=/usr/lib/apache2/modules
php=$(ls $modules/libphp*.so | sort -V | tail -1)
cat > "$folder/apache.conf" <<APACHE
ServerRoot $folder
ServerName localhost
Listen 127.0.0.1:$port
PidFile $folder/apache.pid
ErrorLog $folder/apache.log
User $(id -un)
Group $(id -gn)
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule alias_module $modules/mod_alias.so
LoadModule mime_module $modules/mod_mime.so
LoadModule php_module $php
TypesConfig /etc/mime.types
ServerLimit $children
MaxRequestWorkers $children
StartServers $children
MinSpareServers $children
MaxSpareServers $((children + 1))
KeepAlive Off
AliasMatch "^/" "$app"
<Directory "$(dirname "$app")">
    Require all granted
    SetHandler application/x-httpd-php
</Directory>
APACHE
# Another account than root's cannot read every folder; Apache refuses to serve as root.
if [ "$(id -u)" = 0 ]; then
    sed -i 's/^User .*/User www-data/; s/^Group .*/Group www-data/' "$folder/apache.conf"
fi
exec apache2 -f "$folder/apache.conf" -DFOREGROUND

#!/bin/bash
# unicorn with so many workers: unicorn.sh PORT WORKERS FOLDER
set -eu
cd "$(dirname "$0")/.."
echo "worker_processes $2" > "$3/unicorn.rb"
exec unicorn -l "127.0.0.1:$1" -c "$3/unicorn.rb" config.ru

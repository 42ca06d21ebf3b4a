#!/bin/bash
# Runs JMeter without a window: jmeter.sh ARGUMENTS OF JMETER. The JMeter of Debian 12 (2.13) cannot read
# a test plan by itself, since its XStream allows no classes that nobody named; launch.bsh allows them.
set -eu
home=/usr/share/jmeter
here=$(cd "$(dirname "$0")" && pwd)
jars=$(printf '%s:' "$home"/bin/ApacheJMeter.jar "$home"/lib/*.jar "$home"/lib/ext/*.jar)
exec java -Djmeter.home="$home" -cp "$jars/usr/share/java/bsh.jar" bsh.Interpreter "$here/launch.bsh" "$@"

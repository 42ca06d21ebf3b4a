#!/bin/bash
# Tomcat with so many threads: tomcat.sh PORT THREADS FOLDER
set -eu
port=$1 threads=$2 folder=$3
home=$(dirname "$(ls -d /usr/share/tomcat[0-9]*/bin | sort -V | tail -1)")
export CATALINA_HOME=$home CATALINA_BASE=$folder/tomcat CATALINA_TMPDIR=$folder
mkdir -p "$CATALINA_BASE"/{conf,logs,work,webapps/ROOT/WEB-INF}
cp "$home/etc/web.xml" "$CATALINA_BASE/conf/" 2>/dev/null || cp /etc/tomcat*/web.xml "$CATALINA_BASE/conf/"
cp "$(dirname "$0")/../app.jsp" "$CATALINA_BASE/webapps/ROOT/"
cat > "$CATALINA_BASE/webapps/ROOT/WEB-INF/web.xml" <<WEB
<web-app version="4.0">
  <servlet><servlet-name>app</servlet-name><jsp-file>/app.jsp</jsp-file></servlet>
  <servlet-mapping><servlet-name>app</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
WEB
cat > "$CATALINA_BASE/conf/server.xml" <<SERVER
<Server port="-1">
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="$port" protocol="HTTP/1.1"
               maxThreads="$threads" minSpareThreads="$threads" relaxedPathChars=":"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false"/>
    </Engine>
  </Service>
</Server>
SERVER
exec "$home/bin/catalina.sh" run

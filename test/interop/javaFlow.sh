#!/bin/sh
# Runs JavaFlow.java with one version of AWS's client for Java. Needs a JDK of 17 or later, and Maven, which fetches it.
set -eu

version="${1:?the version of software.amazon.awssdk, for example 2.34.0}"
endpoint="${2:-http://127.0.0.1:4566}"
source="$(cd "$(dirname "$0")" && pwd)/JavaFlow.java"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>interop</groupId>
  <artifactId>flow</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.awssdk</groupId>
      <artifactId>sqs</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars
java -cp 'jars/*' "$source" "$endpoint"

/** A real Apache Kafka, one KRaft node, for one machine: as a process of its own or inside a test's JVM. */
package io.espalier.broker;

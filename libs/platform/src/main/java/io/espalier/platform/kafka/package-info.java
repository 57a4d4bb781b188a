/** Kafka as all processes use it: client settings, topics and groups made at start, messages as CloudEvents. */
package io.espalier.platform.kafka;

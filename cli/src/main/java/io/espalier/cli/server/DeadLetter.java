package io.espalier.cli.server;

import java.time.Instant;

/**
 * What could not be processed, as the coordinator tells it.
 *
 * @param number names it
 * @param topic  where it came from, with partition and offset
 * @param key    may be null
 * @param stack  stack trace, may be empty
 * @param value  the beginning of what it said
 */
public record DeadLetter(long number, Instant at, String topic, int partition, long offset, String key, String reason,
        String stack, String value) {}

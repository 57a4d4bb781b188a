/** What a worker tells about itself: meters in Prometheus form, health. */
package io.espalier.worker.metrics;

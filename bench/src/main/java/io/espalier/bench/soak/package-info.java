/**
 * Does anything get lost or doubled when everything dies all the time? Many small jobs run on real processes whose work is
 * made up ({@link io.espalier.bench.soak.ToyWorker}), while a seeded {@link io.espalier.bench.soak.Killer} strikes broker,
 * coordinators, workers, network and disk; {@link io.espalier.bench.soak.Audit} says what does not hold at the end, and
 * {@link io.espalier.bench.soak.Recovery} how long each strike was felt.
 */
package io.espalier.bench.soak;

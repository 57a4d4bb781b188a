package io.espalier.coordinator.job;

import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * SCORE: one task per calibration set, shard of layers and shard of samples, in this order; as many as PREPARE says the
 * method's statistic may be split into exactly.
 */
record ScoreStage(int step) implements Stage {
    @Override
    public List<Work> open(Findings found) {
        return works(found.requiredFacts(), found.request(), found.scored(step), found.calibration(step));
    }

    static List<Work> works(ModelFacts facts, PruningRequest request, ModelSource scored, ArtifactRef calibration) {
        List<Work> works = new ArrayList<>();
        for (int set = 0; set < Math.max(1, facts.sets()); set++) {
            for (Shard shard : shards(facts)) {
                works.add(new Work.Score(scored, request.method().forScoring(), request.layers(), calibration, shard,
                        set));
            }
        }
        return works;
    }

    private static List<Shard> shards(ModelFacts facts) {
        int layerShards = Math.clamp(facts.layerShards(), 1, Math.max(1, facts.layers()));
        int sampleShards = Math.clamp(facts.sampleShards(), 1, Math.max(1, facts.samples()));
        List<Shard> shards = new ArrayList<>();
        for (int l = 0; l < layerShards; l++) {
            for (int s = 0; s < sampleShards; s++) {
                shards.add(new Shard(cut(facts.layers(), l, layerShards), cut(facts.layers(), l + 1, layerShards),
                        cut(facts.samples(), s, sampleShards), cut(facts.samples(), s + 1, sampleShards)));
            }
        }
        return shards;
    }

    /** Where the i-th of n nearly equal parts begins. */
    private static int cut(int size, int i, int n) {
        return (int) ((long) size * i / n);
    }
}

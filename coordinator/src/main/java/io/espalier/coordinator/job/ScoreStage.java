package io.espalier.coordinator.job;

import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SCORE: one task per calibration set, shard of layers and shard of samples, in this order; as many as PREPARE says the
 * method's statistic may be split into exactly. Ranges of layers that hand on what they compute are ordinary tasks too: none
 * needs another in order to end (docs/decisions/0016).
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
        List<Integer> layerStarts = layerStarts(facts);
        int sampleShards = Math.clamp(facts.sampleShards(), 1, Math.max(1, facts.samples()));
        List<Shard> shards = new ArrayList<>();
        for (int l = 0; l < layerStarts.size(); l++) {
            int toLayer = l + 1 < layerStarts.size() ? layerStarts.get(l + 1) : facts.layers();
            for (int s = 0; s < sampleShards; s++) {
                shards.add(new Shard(layerStarts.get(l), toLayer, cut(facts.samples(), s, sampleShards),
                        cut(facts.samples(), s + 1, sampleShards)));
            }
        }
        return shards;
    }

    private static List<Integer> layerStarts(ModelFacts facts) {
        if (facts.rangeStarts() != null) {
            return facts.rangeStarts();
        }
        int shards = Math.clamp(facts.layerShards(), 1, Math.max(1, facts.layers()));
        return IntStream.range(0, shards).mapToObj(i -> cut(facts.layers(), i, shards)).toList();
    }

    /** Where the i-th of n nearly equal parts begins. */
    private static int cut(int size, int i, int n) {
        return (int) ((long) size * i / n);
    }
}

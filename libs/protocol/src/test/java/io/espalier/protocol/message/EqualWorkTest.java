package io.espalier.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Which keys of a request count for which kind of work, each tried by changing it alone. */
class EqualWorkTest {
    private static final ModelSource MODEL = new ModelSource.Folder("/models/a", "d".repeat(64));
    private static final ArtifactRef FILE = ArtifactRef.file("a".repeat(64), 10);
    private static final RequestReader REQUESTS = new RequestReader();

    /** One other value for every key that a request has; the test fails if one is forgotten. */
    private static final Map<String, String> OTHER = Map.ofEntries(Map.entry("name", "\"other\""),
            Map.entry("model", "\"/models/b\""), Map.entry("method", "{\"name\": \"numerical\", \"lambda\": 7}"),
            Map.entry("target", "{\"parameters\": 0.6}"), Map.entry("layers", "{\"mlp\": \"1..2\"}"),
            Map.entry("shape", "{\"channelMultiple\": 16}"),
            Map.entry("calibration", "{\"text\": \"/text\", \"samples\": 11}"),
            Map.entry("recovery", "{\"lora\": {\"data\": \"/other\"}}"),
            Map.entry("evaluation", "{\"cost\": true}"),
            Map.entry("labels", "{\"team\": \"other\"}"), Map.entry("priority", "1"), Map.entry("cache", "false"));

    @Test
    void aPlanHangsOnWhatItIsMadeFromAndOnTheFormatsThatMustHoldIt() {
        Set<String> counts = Set.of("method", "target", "layers", "shape", "calibration", "output.formats");
        assertThat(counting(request -> new Work.Rank(MODEL, request, List.of(FILE), null, 1, 1, null)))
                .isEqualTo(counts);
        assertThat(counting(request -> new Work.Propose(MODEL, request, List.of(FILE), FILE, null, List.of(), 0)))
                .isEqualTo(counts);
    }

    @Test
    void aCandidateIsAPlanAndOnlyTheMethodSaysHowItIsMeasured() {
        assertThat(counting(request -> new Work.Measure(MODEL, request, List.of(FILE), FILE))).isEqualTo(Set.of(
                "method"));
    }

    /** The samples stand in the calibration artifact, the ranges of layers in the work. */
    @Test
    void statisticsHangOnNeitherTargetNorFormatsNorRecovery() {
        assertThat(counting(EqualWorkTest::score)).isEqualTo(Set.of("layers"));
    }

    @Test
    void aCutHangsOnThePlanAndOnTheMethodThatRepairs() {
        assertThat(counting(request -> new Work.Slice(MODEL, request.method(), FILE, FILE))).isEqualTo(Set.of(
                "method"));
    }

    @Test
    void optionsThatOnlyUseStatisticsDoNotCountForThem() {
        assertThat(score(with("method", "{\"name\": \"llm-pruner\", \"ranking\": \"global\"}"))).isEqualTo(score(with(
                "method", "{\"name\": \"llm-pruner\", \"reduction\": \"max\"}")));
        assertThat(score(with("method", "{\"name\": \"llm-pruner\", \"criterion\": \"vectorize\"}"))).isNotEqualTo(
                score(with("method", "{\"name\": \"llm-pruner\"}")));
    }

    @Test
    void whatIsMeasuredNowOrWrittenElsewhereIsNeverTheSame() {
        assertThat(EqualWork.of(new Work.Cost(Map.of(Subject.ORIGINAL, MODEL)))).isEmpty();
        assertThat(EqualWork.of(new Work.Prepare(MODEL, with("priority", "3"), 0))).isEmpty();
        assertThat(EqualWork.of(score(with("priority", "3"), null))).as("a model that nobody has read").isEmpty();
    }

    /** So that the entries of a sweep rest on one table, and plans can be made again. */
    @Test
    void timesOfOneModelAreMeasuredOnce() {
        assertThat(EqualWork.of(new Work.Time(MODEL))).isPresent().isEqualTo(EqualWork.of(new Work.Time(MODEL)));
        assertThat(EqualWork.of(new Work.Time(new ModelSource.Folder("/models/a", "e".repeat(64))))).isNotEqualTo(
                EqualWork.of(new Work.Time(MODEL)));
        assertThat(EqualWork.of(new Work.Time(new ModelSource.Folder("/models/a", null)))).isEmpty();
    }

    private static Set<String> counting(Function<PruningRequest, Work> work) {
        Set<String> tried = new TreeSet<>(OTHER.keySet());
        tried.addAll(List.of("output", "select"));
        assertThat(Arrays.stream(PruningRequest.class.getRecordComponents()).map(RecordComponent::getName)).as(
                "every key is tried, and a candidate of select is a request of its own")
                .containsExactlyInAnyOrderElementsOf(
                        tried);
        Set<String> counting = new TreeSet<>();
        ObjectNode before = EqualWork.of(work.apply(REQUESTS.read(plain()))).orElseThrow();
        OTHER.forEach((key, value) -> {
            if (!EqualWork.of(work.apply(with(key, value))).orElseThrow().equals(before)) {
                counting.add(key);
            }
        });
        for (String output : List.of("{\"location\": \"/elsewhere\"}", "{\"location\": \"/out\", \"formats\": [\"hf\", "
                + "\"gguf\"]}")) {
            if (!EqualWork.of(work.apply(with("output", output))).orElseThrow().equals(before)) {
                counting.add(output.contains("formats") ? "output.formats" : "output.location");
            }
        }
        return counting;
    }

    private static Work score(PruningRequest request) {
        return score(request, "d".repeat(64));
    }

    private static Work score(PruningRequest request, String digest) {
        return new Work.Score(new ModelSource.Folder("/models/a", digest), request.method().forScoring(), request
                .layers(), FILE, new Shard(0, 4, 0, 8), 0);
    }

    /** Every key is given, so that a change of any of them is seen. */
    private static ObjectNode plain() {
        return parse("""
                {"name": "plain", "model": "/models/a", "method": {"name": "numerical"}, "target": {"parameters": 0.8},
                 "layers": {"mlp": "0..2"}, "shape": {"channelMultiple": 8}, "calibration": {"text": "/text"},
                 "recovery": {"lora": {"data": "/data"}}, "evaluation": {"cost": false},
                 "output": {"location": "/out", "formats": ["hf"]}, "labels": {"team": "a"}, "priority": 3,
                 "cache": true}""");
    }

    private static ObjectNode parse(String json) {
        try {
            return (ObjectNode) Json.requests().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static PruningRequest with(String key, String value) {
        ObjectNode request = plain();
        request.set(key, parse("{\"value\": " + value + "}").get("value"));
        return REQUESTS.read(request);
    }
}

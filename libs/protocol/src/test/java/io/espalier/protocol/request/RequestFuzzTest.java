package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.fuzz.Mutations;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes in, a valid request or an {@link InvalidRequestException} comes out; seeded, so it can be repeated. */
class RequestFuzzTest {
    private static final RequestReader READER = new RequestReader();
    private static final String YAML = """
            name: fuzz
            model: &m models/llama
            method: {name: llm-pruner, criterion: param_first, reduction: sum, iterativeSteps: 2}
            target:
              parameters: 0.8
            layers: { attention: 4..29, mlp: 4..29 }
            shape: { uniform: false, channelMultiple: 8 }
            calibration: { text: file, samples: 10, length: 64, seed: 42 }
            recovery:
              lora: { data: file, rank: 8, learningRate: 1e-4, batch: 64, steps: null }
            evaluation:
              perplexity: [ { name: wikitext2, text: file, length: 128, segments: null } ]
              tasks: [ { name: boolq, data: file, limit: 3 } ]
            output: { location: *m, formats: [hf, gguf] }
            sweep: [ {target: {count: 5.4B}}, {target: {bytes: 12GB}, method: {name: nirvana}} ]
            """;
    private static final List<String> KEYS = List.of("name", "target", "sweep", "lora", "", "~/", "criterion", "steps",
            "$ref", "model", "text");

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutatedTreesAreValidOrRefused() {
        var mutations = new Mutations(1, KEYS);
        ObjectNode seed = RequestReader.parse(YAML).root();
        int valid = 0;
        for (int i = 0; i < 5_000; i++) {
            ObjectNode tree = mutations.tree(seed);
            valid += valid(() -> READER.expand(tree), tree.toString()) ? 1 : 0;
        }
        assertThat(valid).isBetween(50, 4_950);
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutatedTextsAreValidOrRefused() throws Exception {
        var mutations = new Mutations(2, KEYS);
        String json = new JsonMapper().writeValueAsString(RequestReader.parse(YAML).root());
        int valid = 0;
        for (int i = 0; i < 5_000; i++) {
            String text = mutations.text(mutations.choice(2) == 0 ? YAML : json);
            valid += valid(() -> READER.expand(RequestReader.parse(text)), text) ? 1 : 0;
        }
        assertThat(valid).isBetween(50, 4_950);
    }

    private static boolean valid(Supplier<List<ObjectNode>> reading, String input) {
        List<ObjectNode> requests;
        try {
            requests = reading.get();
        } catch (InvalidRequestException refused) {
            assertThat(refused.problems()).isNotEmpty();
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError("neither valid nor refused: " + input, e);
        }
        for (ObjectNode request : requests) {
            PruningRequest bound = READER.read(request);
            assertThat(READER.read(READER.json(bound))).isEqualTo(bound);
        }
        return true;
    }
}

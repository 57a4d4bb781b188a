package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerRanges;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The stories model, ten samples of its text, and what Python computes of them (tools/golden/methods.py). */
public final class MethodFixtures {
    public static final Path GOLDEN = Path.of("src/test/resources/golden/methods.safetensors");
    public static final ModelShape SHAPE = ModelShape.of(ModelConfig.read(Fixtures.STORIES));
    public static final int[][] TOKENS = Fixtures.tokens(GOLDEN);

    private MethodFixtures() {}

    /** @param options text, numbers or booleans */
    public static MethodOptions options(String method, Map<String, Object> options) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", method);
        options.forEach((key, value) -> json.set(key, new ObjectMapper().valueToTree(value)));
        return new MethodOptions(json);
    }

    public static Statistics score(MethodOptions options) throws Exception {
        return score(options, 0, TOKENS.length, 0, SHAPE.layers().size());
    }

    /** One shard. */
    public static Statistics score(MethodOptions options, int fromSample, int toSample, int fromLayer, int toLayer)
            throws Exception {
        return Methods.named(options.name()).score(new ScoringTask(Fixtures.STORIES, options, LayerRanges.all(5),
                Arrays.copyOfRange(TOKENS, fromSample, toSample), fromSample, fromLayer, toLayer, 4,
                Compute.STREAMED, Progress.NONE));
    }

    /** @param tolerance relative to the mean of the expected values */
    public static void assertClose(double[] actual, double[] expected, double tolerance) {
        double scale = Arrays.stream(expected).map(Math::abs).average().orElseThrow();
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("entry %d", i).isCloseTo(expected[i], within(tolerance * scale));
        }
    }
}

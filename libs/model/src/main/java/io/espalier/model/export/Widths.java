package io.espalier.model.export;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** Questions about the widths of all layers. */
final class Widths {
    private Widths() {}

    /** The narrowest layer that could hold each of them: whole heads. */
    static LayerShape widest(ModelConfig config) {
        int groups = most(config, LayerShape::kvHeads);
        return new LayerShape(groups * most(config, LayerShape::groupSize), groups,
                most(config, LayerShape::channels));
    }

    static int most(ModelConfig config, ToIntFunction<LayerShape> width) {
        return config.layers().stream().mapToInt(width).max().orElse(0);
    }

    /** What filling up costs, for people; empty where it costs nothing. */
    static String describe(ModelConfig config, List<LayerShape> wide) {
        long parameters = config.parameters();
        long padded = config.withLayers(wide).parameters();
        return padded == parameters
                ? ""
                : String.format(Locale.ROOT, "zeros fill it up from %,d to %,d parameters (%+.1f %%)", parameters,
                        padded, 100.0 * padded / parameters - 100);
    }

    static void checkWholeHeads(String format, ModelConfig config) {
        if (config.layers().stream().anyMatch(layer -> layer.headDims() != null)) {
            throw new UnsupportedModelException("output.formats: " + format + " cannot hold heads that have lost "
                    + "dimensions; ask for method.attention: kv-groups, or for the format padded");
        }
    }
}

package io.espalier.model.export;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import java.io.IOException;
import java.util.Collections;

/** {@code padded}: all layers as wide as the widest, by zeros: every loader takes it, and nothing is saved. */
final class PaddedFormat extends HuggingFaceFormat {
    PaddedFormat() {
        super("padded");
    }

    @Override
    public void check(ModelConfig config) {
        LayerShape widest = Widths.widest(config);
        if (widest.queryHeads() == 0 || widest.channels() == 0) {
            throw new UnsupportedModelException("output.formats: padded cannot hold a model of which no layer has "
                    + "attention, or none an MLP");
        }
    }

    @Override
    public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
        return uniform ? "" : "zeros fill every layer up to the widest: nothing is saved";
    }

    @Override
    public String note(ModelConfig config) {
        return Widths.describe(config, Collections.nCopies(config.layers().size(), Widths.widest(config)));
    }

    @Override
    void write(HuggingFaceFolder folder) throws IOException {
        ModelConfig config = folder.source().config();
        LayerShape widest = Widths.widest(config);
        folder.write(StockConfig.of(config, widest), Collections.nCopies(config.layers().size(), widest));
    }
}

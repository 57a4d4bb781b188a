package io.espalier.model.export;

import io.espalier.model.config.ModelConfig;
import java.io.IOException;

/**
 * {@code hf}: what stock loaders read where all layers are alike. Where they are not, the folder is that of
 * {@link PerLayerFormat}; where that cannot hold the model either, it is a legal folder whose manifest tells the true
 * widths, which only Espalier reads.
 */
final class PlainFormat extends HuggingFaceFormat {
    private final PerLayerFormat perLayer;

    PlainFormat(PerLayerFormat perLayer) {
        super(ExportFormats.HUGGING_FACE);
        this.perLayer = perLayer;
    }

    @Override
    public void check(ModelConfig config) {}

    @Override
    public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
        return uniform
                ? ""
                : "if layers differ, transformers needs trust_remote_code and other engines refuse; shape: {uniform: "
                        + "true} gives what every loader takes";
    }

    @Override
    public String note(ModelConfig config) {
        return isStock(config) || perLayer.holds(config)
                ? ""
                : "only Espalier reads it: config.json cannot tell its widths, which stand in pruning_manifest.json";
    }

    @Override
    void write(HuggingFaceFolder folder) throws IOException {
        ModelConfig config = folder.source().config();
        if (isStock(config) || !perLayer.holds(config)) {
            folder.write(config.json().deepCopy());
        } else {
            perLayer.write(folder);
        }
    }
}

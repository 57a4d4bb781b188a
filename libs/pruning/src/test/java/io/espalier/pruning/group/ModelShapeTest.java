package io.espalier.pruning.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.model.config.LayerShape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelShapeTest {
    @Test
    void countsPublishedModels() {
        assertThat(Shapes.llama7b().parameters()).isEqualTo(6_738_415_616L);
        assertThat(Shapes.llama3With8b().parameters()).isEqualTo(8_030_261_248L);
        assertThat(Shapes.stories().parameters()).isEqualTo(260_032);
    }

    @Test
    void unitCostsFollowTheFormulas() {
        ModelShape shape = Shapes.llama3With8b();
        assertThat(shape.attentionCost(0)).isEqualTo(2L * 128 * 4096 * (4 + 1));
        assertThat(shape.channelCost()).isEqualTo(3L * 4096);
        assertThat(Shapes.llama7b().attentionCost(0)).isEqualTo(4L * 128 * 4096);
    }

    @Test
    void aUnitCostsWhatTheModelLosesWithIt() {
        var extras = new ModelShape.Extras(true, true, true, 1, 2);
        var shape = new ModelShape(48, 16, 100, false, extras,
                List.of(new LayerShape(6, 2, 40), new LayerShape(3, 1, 24)));
        assertThat(shape.parameters() - shape.withLayer(0, new LayerShape(3, 1, 40)).parameters())
                .isEqualTo(shape.attentionCost(0));
        assertThat(shape.parameters() - shape.withLayer(1, new LayerShape(3, 1, 23)).parameters())
                .isEqualTo(shape.channelCost());
        assertThat(shape.parameters() - shape.withHiddenSize(47).parameters()).isEqualTo(shape.hiddenCost());
        assertThat(shape.parameters() - shape.withLayers(shape.layers().subList(0, 1)).parameters())
                .isEqualTo(shape.layerCost(1));
    }
}

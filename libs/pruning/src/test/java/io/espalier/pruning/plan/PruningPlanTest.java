package io.espalier.pruning.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Shapes;
import io.espalier.pruning.group.UnitType;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruningPlanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final ModelShape shape = Shapes.stories();

    @Test
    void isReadableJsonAndComesBackTheSame() throws Exception {
        Selection selection = new Selection(shape);
        selection.remove(selection.inventory().units(UnitType.ATTENTION, 2).get(1));
        selection.remove(selection.inventory().units(UnitType.MLP, 0).getFirst());
        PruningPlan plan = selection.toPlan();

        JsonNode json = JSON.valueToTree(plan);
        assertThat(json.at("/layers/2/keptKvGroups").toString()).isEqualTo("[0,2,3]");
        assertThat(json.at("/layers/2/queryHeads").intValue()).isEqualTo(6);
        assertThat(json.at("/layers/0/channels").intValue()).isEqualTo(171);
        assertThat(json.at("/achieved/parameters").longValue()).isEqualTo(260_032 - 3072 - 192);
        assertThat(json.fieldNames()).toIterable().containsExactly("layers", "achieved");
        assertThat(JSON.treeToValue(json, PruningPlan.class)).isEqualTo(plan);
    }

    @Test
    void composesLayersHiddenDimensionsAndHeadDimensions() {
        var layers = List.of(LayerPlan.of(1, 2, List.of(1, 3), List.of(4, 5, 6)),
                LayerPlan.of(3, 2, List.of(0, 2), List.of(7, 9))
                        .withHeadDims(List.of(List.of(0, 2, 4, 6), List.of(1, 3, 5, 7))));
        PruningPlan first = PruningPlan.of(shape, layers, List.of(10, 20, 30));
        PruningPlan second = PruningPlan.of(first.shape(shape),
                List.of(LayerPlan.of(1, 2, List.of(1), List.of(1)).withHeadDims(List.of(List.of(1, 3)))),
                List.of(0, 2));

        PruningPlan both = second.after(first, shape);
        assertThat(both.layers())
                .containsExactly(new LayerPlan(3, 1, 2, 1, List.of(2), List.of(9), List.of(List.of(3, 7))));
        assertThat(both.keptHidden()).containsExactly(10, 30);
        assertThat(both.achieved().parameters()).isEqualTo(both.shape(shape).parameters());
    }

    @Test
    void keptQueryHeadsAreTheRunsOfTheKeptGroups() {
        assertThat(LayerPlan.of(0, 2, List.of(0, 3), List.of()).keptQueryHeads()).containsExactly(0, 1, 6, 7);
    }

    @Test
    void refusesIndicesOutOfOrderAndContradictions() {
        assertThatThrownBy(() -> LayerPlan.of(0, 2, List.of(3, 1), List.of()))
                .hasMessageContaining("keptKvGroups must ascend");
        assertThatThrownBy(() -> new LayerPlan(0, 1, 2, 5, List.of(0), List.of(1), null))
                .hasMessageContaining("contradicts itself");
    }
}

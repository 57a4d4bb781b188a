package io.espalier.pruning.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.engine.Torch;
import io.espalier.pruning.group.Member.Axis;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sums in memory against those by the engine, which other devices use. */
class SaliencyTest {
    @ParameterizedTest
    @EnumSource(value = Criterion.class, mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
    void memoryAndEngineAgree(Criterion criterion) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            manager.getEngine().setRandomSeed(5);
            for (Shape shape : new Shape[]{new Shape(37, 130), new Shape(5, 64), new Shape(41)}) {
                NDArray weight = manager.randomNormal(shape);
                NDArray gradient = manager.randomNormal(shape);
                NDArray fisher = manager.randomUniform(0, 1, shape);
                var saliency = new Saliency(criterion, weight, gradient, fisher);
                for (Axis axis : shape.dimension() == 1 ? new Axis[]{Axis.ROWS} : Axis.values()) {
                    double[] inMemory = saliency.sum(manager, axis);

                    double[] byEngine = saliency.sumOnDevice(manager, axis);

                    assertThat(inMemory).hasSameSizeAs(byEngine);
                    for (int i = 0; i < inMemory.length; i++) {
                        assertThat(inMemory[i]).isCloseTo(byEngine[i], within(1e-12 * 130 + 1e-13));
                    }
                }
            }
        }
    }
}

package io.espalier.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {
    @Test
    void keepsItsFactorForTheBackwardPass() {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            List<NDArray> leaves = new ArrayList<>();
            List<NDArray> scaled = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                NDArray x = Torch.ofFloats(manager, new float[]{5}, new Shape(1));
                x.setRequiresGradient(true);
                leaves.add(x);
                scaled.add(Torch.withGradients(() -> Torch.scale(x, 3)));
            }
            takeTheMemoryOfDeadBuffers();
            for (int i = 0; i < leaves.size(); i++) {
                assertThat(scaled.get(i).getFloat()).isEqualTo(15);
                Torch.backward(scaled.get(i), manager.ones(scaled.get(i).getShape()));
                assertThat(leaves.get(i).getGradient().getFloat()).isEqualTo(3);
            }
        }
    }

    /** Has Java free what it can and writes over what it freed. */
    private static void takeTheMemoryOfDeadBuffers() {
        for (int round = 0; round < 5; round++) {
            System.gc();
            List<ByteBuffer> taken = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                taken.add(ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).putFloat(0, 99)
                        .putFloat(4, 99));
            }
            assertThat(taken).hasSize(20_000);
        }
    }
}

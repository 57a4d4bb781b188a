package io.espalier.pruning.importance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.group.Member.Axis;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Element saliencies of one weight and their sums over rows or columns. Elements are computed in fp32 and summed in
 * fp64: on the CPU row by row, on other devices by the engine in pieces of rows. Absolute values are taken here, except for {@link Criterion#VECTORIZE},
 * which takes them of the sum over all samples.
 *
 * @param weight   [out, in], or a vector
 * @param gradient of the same shape; null where the criterion needs none
 * @param fisher   squared gradient of the same shape; null where the criterion needs none
 */
record Saliency(Criterion criterion, NDArray weight, NDArray gradient, NDArray fisher) {
    private static final int PIECE_ELEMENTS = 1 << 17;

    /** From the weight alone. */
    static Saliency of(Criterion criterion, NDArray weight) {
        return new Saliency(criterion, weight, null, null);
    }

    /** [out] for rows, [in] for columns. */
    double[] sum(NDManager parent, Axis axis) {
        return isInMemory(weight) ? sumInMemory(axis) : sumOnDevice(parent, axis);
    }

    /** Whether sums of these weights leave the engine alone, so that several may be computed at a time. */
    static boolean isInMemory(BlockWeights weights) {
        return weights.arrays().values().stream().allMatch(Saliency::isInMemory);
    }

    private static boolean isInMemory(NDArray array) {
        return array.getDevice().equals(Device.cpu());
    }

    private double[] sumInMemory(Axis axis) {
        long[] shape = weight.getShape().getShape();
        boolean vectorRows = shape.length == 1 && axis == Axis.ROWS; // each entry is a row of its own
        int columns = Math.toIntExact(shape[shape.length - 1]);
        int rows = shape.length == 1 ? 1 : Math.toIntExact(shape[0]);
        var sums = new double[vectorRows || axis == Axis.COLUMNS ? columns : rows];
        var elements = new Elements(criterion, columns);
        Rows w = Rows.of(weight, columns);
        Rows g = Rows.of(gradient, columns);
        Rows f = Rows.of(fisher, columns);
        for (int row = 0; row < rows; row++) {
            elements.read(w.read(row), g.read(row), f.read(row));
            if (vectorRows || axis == Axis.COLUMNS) {
                elements.addTo(sums);
            } else {
                sums[row] = elements.sum();
            }
        }
        return sums;
    }

    /** Rows of an array in memory, one at a time. */
    private record Rows(MemorySegment all, float[] row) {
        static Rows of(NDArray array, int columns) {
            return new Rows(array == null ? null : MemorySegment.ofBuffer(array.toByteBuffer(true)),
                    array == null ? null : new float[columns]);
        }

        /** Valid until the next call; null where there is no array. */
        float[] read(int index) {
            if (all != null) {
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) index * row.length * Float.BYTES, row,
                        0, row.length);
            }
            return row;
        }
    }

    /** The same by the engine. */
    double[] sumOnDevice(NDManager parent, Axis axis) {
        long[] shape = weight.getShape().getShape();
        long columns = shape.length == 1 ? 1 : shape[1];
        double[] sums = new double[Math.toIntExact(axis == Axis.ROWS ? shape[0] : columns)];
        long step = Math.max(1, PIECE_ELEMENTS / columns);
        for (long from = 0; from < shape[0]; from += step) {
            try (NDManager scope = parent.newSubManager()) {
                long to = Math.min(shape[0], from + step);
                NDArray piece = elements(scope, from, to).toType(DataType.FLOAT64, false);
                if (axis == Axis.ROWS) {
                    double[] rows = shape.length == 1 ? piece.toDoubleArray() : sumOver(piece, 1);
                    System.arraycopy(rows, 0, sums, Math.toIntExact(from), rows.length);
                } else {
                    add(sums, sumOver(piece, 0));
                }
            }
        }
        return sums;
    }

    private NDArray elements(NDManager scope, long from, long to) {
        NDArray w = rows(scope, weight, from, to);
        return switch (criterion) {
            case L1 -> w.abs();
            case L2 -> w.mul(w);
            case VECTORIZE -> w.mul(rows(scope, gradient, from, to));
            case PARAM_FIRST -> w.mul(rows(scope, gradient, from, to)).abs();
            case PARAM_SECOND -> w.mul(w).mul(rows(scope, fisher, from, to));
            case PARAM_MIX -> {
                NDArray first = w.mul(rows(scope, gradient, from, to));
                NDArray second = w.mul(w).mul(rows(scope, fisher, from, to)).mul(0.5f);
                yield first.sub(second).abs();
            }
            case RANDOM -> throw new IllegalArgumentException("noise is not an element saliency");
        };
    }

    private static NDArray rows(NDManager scope, NDArray array, long from, long to) {
        NDArray view = array.get(new NDIndex("{}:{}", from, to));
        view.attach(scope); // results go to the manager of their left operand
        return view;
    }

    private static double[] sumOver(NDArray piece, int axis) {
        return piece.sum(new int[]{axis}).toDoubleArray();
    }

    private static void add(double[] sums, double[] more) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += more[i];
        }
    }
}

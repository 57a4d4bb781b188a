package io.espalier.scoring;

import io.espalier.protocol.request.IndexRange;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.LayerRanges.Range;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.Target;

/** From the words of a request to those of the pruning library, which does not know requests. */
final class Translation {
    private Translation() {}

    /** @param bytesPerParameter of the checkpoint as stored */
    static PruningGoal goal(PruningRequest request, ModelShape shape, double bytesPerParameter) {
        LayerRanges layers = ranges(request.layers(), shape.layers().size());
        Constraints constraints = request.shape() == null
                ? Constraints.DEFAULT
                : Constraints.of(request.shape().channelMultiple(), request.shape().uniform());
        return new PruningGoal(target(request.target(), bytesPerParameter), layers, constraints);
    }

    static MethodOptions options(MethodSpec method) {
        return new MethodOptions(method.json());
    }

    static LayerRanges ranges(PruningRequest.Layers layers, int count) {
        Range all = new Range(0, count - 1);
        return layers == null
                ? new LayerRanges(all, all)
                : new LayerRanges(range(layers.attention(), all), range(layers.mlp(), all));
    }

    private static Range range(IndexRange range, Range otherwise) {
        return range == null ? otherwise : new Range(range.first(), range.last());
    }

    /** A time is met by a share of the parameters that RANK finds; all that is known before is that it is at most 1. */
    private static Target target(io.espalier.protocol.request.Target target, double bytesPerParameter) {
        if (target.latency() != null) {
            return new Target.Share(1);
        }
        if (target.groups() != null) {
            return new Target.Groups(target.groups());
        }
        if (target.parameters() != null) {
            return new Target.Share(target.parameters());
        }
        return target.count() != null
                ? new Target.Count(target.count())
                : new Target.Bytes(target.bytes(), bytesPerParameter);
    }
}

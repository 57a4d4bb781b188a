package io.espalier.protocol.request;

import java.util.List;
import java.util.stream.Collectors;

/** A request that cannot be accepted, with all that is wrong with it. */
public final class InvalidRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final transient List<RequestProblem> problems;

    public InvalidRequestException(List<RequestProblem> problems) {
        super(problems.stream().map(RequestProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public InvalidRequestException(RequestProblem problem) {
        this(List.of(problem));
    }

    /** At least one, in the order of the request's keys. */
    public List<RequestProblem> problems() {
        return problems;
    }
}

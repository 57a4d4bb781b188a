package io.espalier.cli.command;

/** Exit statuses; a promise to scripts. */
final class Exit {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INTERRUPTED = 130;

    private Exit() {}
}

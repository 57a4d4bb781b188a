package io.espalier.cli.command;

import io.espalier.cli.render.MethodView;
import io.espalier.cli.request.UsageException;
import io.espalier.protocol.request.MethodCatalogue;
import io.espalier.protocol.request.MethodCatalogue.Method;
import io.espalier.protocol.request.RequestReader;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier methods}. */
@Command(name = "methods", description = "The pruning methods, their options with defaults, and their papers.", mixinStandardHelpOptions = true)
public final class MethodsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private OutputOption output;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this method.")
    private String name;

    @Override
    public Integer call() throws UsageException {
        MethodCatalogue catalogue = new RequestReader().methods();
        List<Method> methods = name == null ? catalogue.all() : List.of(find(catalogue));
        if (output.isJson()) {
            OutputOption.printJson(spec.commandLine().getOut(), methods);
        } else {
            spec.commandLine().getOut().print(MethodView.all(methods));
            spec.commandLine().getOut().flush();
        }
        return Exit.DONE;
    }

    private Method find(MethodCatalogue catalogue) throws UsageException {
        return catalogue.all().stream().filter(m -> m.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no method is called '" + name + "': there are "
                        + catalogue.all().stream().map(Method::name).collect(Collectors.joining(", "))));
    }
}

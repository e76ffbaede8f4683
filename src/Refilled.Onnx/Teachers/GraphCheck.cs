using global::Onnx;

namespace Refilled.Onnx.Teachers;

/// <summary>Checks the graph of a model: names, circles, operators, sizes, and how deep graphs lie in each other.</summary>
internal sealed class GraphCheck
{
    private const int MostNodes = 100_000, MostDeep = 8, MostFunctions = 10_000;

    /// <summary>The operator sets that ONNX Runtime has.</summary>
    private static readonly string[] KnownDomains = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];

    private readonly string path;
    private readonly TensorCheck tensors;
    private readonly HashSet<string> domains;
    private int nodes;

    private GraphCheck(string path, ModelProto model, TensorCheck tensors)
    {
        (this.path, this.tensors) = (path, tensors);
        domains = [.. KnownDomains, .. model.Functions.Select(function => function.Domain)];
    }

    /// <summary>Checks a model.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="model">The model.</param>
    /// <param name="tensors">Checks its tensors.</param>
    /// <exception cref="InputException">It can't be used.</exception>
    public static void Check(string path, ModelProto model, TensorCheck tensors)
    {
        var check = new GraphCheck(path, model, tensors);
        if (model.IrVersion is < 3 or > 100) throw check.Wrong($"its format has the version {model.IrVersion}");
        if (!model.OpsetImport.Any(set => set.Domain is "" or "ai.onnx")) throw check.Wrong("it doesn't say which operators it means");
        if (model.OpsetImport.FirstOrDefault(set => set.Version is < 1 or > 1000) is { } set)
            throw check.Wrong($"it asks for the version {set.Version} of the operators '{set.Domain}'");
        if (model.Functions.Count > MostFunctions) throw check.Wrong($"it has {model.Functions.Count} functions");
        foreach (var function in model.Functions) check.Function(function);
        check.Graph(model.Graph, _ => false, 0);
        if (model.Graph.Output.Count == 0) throw check.Wrong("its graph has no output");
    }

    private void Function(FunctionProto function)
    {
        var body = new GraphProto();
        body.Input.AddRange(function.Input.Select(name => new ValueInfoProto { Name = name }));
        body.Output.AddRange(function.Output.Select(name => new ValueInfoProto { Name = name }));
        body.Node.AddRange(function.Node);
        Graph(body, _ => false, 0);
    }

    /// <summary>Checks a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outer">Whether the graphs around it know a name.</param>
    /// <param name="deep">How many there are.</param>
    /// <returns>The names of theirs that it reads.</returns>
    private HashSet<string> Graph(GraphProto graph, Func<string, bool> outer, int deep)
    {
        if (deep > MostDeep) throw Wrong($"graphs lie more than {MostDeep} deep in each other");
        if ((nodes += graph.Node.Count) > MostNodes) throw Wrong($"it has more than {MostNodes} nodes");
        var given = Given(graph);
        var makers = Makers(graph, given);
        var borrowed = new HashSet<string>();
        bool Knows(string name) => given.Contains(name) || makers.ContainsKey(name);
        // Of each node the nodes that it waits for.
        var waits = new List<int>[graph.Node.Count];
        foreach (var (i, node) in graph.Node.Index())
        {
            waits[i] = [];
            foreach (var name in node.Input.Where(name => name.Length > 0).Concat(Attributes(node, Knows, outer, deep)))
            {
                if (makers.TryGetValue(name, out var maker)) waits[i].Add(maker);
                else if (outer(name)) borrowed.Add(name);
                else if (!given.Contains(name)) throw Wrong($"{Called(node)} reads '{name}', which nothing makes");
            }
        }
        if (HasCircle(waits)) throw Wrong("its nodes wait for each other in a circle");
        foreach (var output in graph.Output)
        {
            if (Knows(output.Name)) continue;
            if (!outer(output.Name)) throw Wrong($"nothing makes its output '{output.Name}'");
            borrowed.Add(output.Name);
        }
        return borrowed;
    }

    /// <summary>Names of what is there before a node has run.</summary>
    private HashSet<string> Given(GraphProto graph)
    {
        var given = new HashSet<string>();
        void Add(string name, string what)
        {
            if (name.Length == 0 || !given.Add(name)) throw Wrong($"{what} has the name '{name}', which is taken or none");
        }
        foreach (var tensor in graph.Initializer)
        {
            Add(tensor.Name, "a tensor");
            tensors.Check(tensor, $"the tensor '{tensor.Name}'");
        }
        foreach (var tensor in graph.SparseInitializer)
        {
            tensors.Check(tensor, $"the tensor '{tensor.Values?.Name}'");
            Add(tensor.Values!.Name, "a tensor");
        }
        // An input may have a tensor of its name: what it is where nothing is given.
        foreach (var twice in graph.Input.GroupBy(input => input.Name).Where(same => same.Count() > 1))
            throw Wrong($"two of its inputs are called '{twice.Key}'");
        given.UnionWith(graph.Input.Select(input => input.Name));
        return given;
    }

    private Dictionary<string, int> Makers(GraphProto graph, HashSet<string> given)
    {
        var makers = new Dictionary<string, int>();
        foreach (var (i, node) in graph.Node.Index())
        {
            if (node.OpType.Length == 0) throw Wrong($"{Called(node)} doesn't say what it does");
            if (!domains.Contains(node.Domain))
                throw Wrong($"{Called(node)} is of the operators '{node.Domain}', which ONNX Runtime doesn't have");
            foreach (var name in node.Output.Where(name => name.Length > 0))
                if (given.Contains(name) || !makers.TryAdd(name, i)) throw Wrong($"'{name}' is made twice");
        }
        return makers;
    }

    /// <summary>Checks tensors and graphs within a node.</summary>
    /// <returns>The names around it that its graphs read.</returns>
    private HashSet<string> Attributes(NodeProto node, Func<string, bool> knows, Func<string, bool> outer, int deep)
    {
        var read = new HashSet<string>();
        foreach (var attribute in node.Attribute)
        {
            var what = $"the attribute '{attribute.Name}' of {Called(node)}";
            foreach (var tensor in attribute.Tensors.Append(attribute.T).Where(tensor => tensor is not null)) tensors.Check(tensor, what);
            foreach (var tensor in attribute.SparseTensors.Append(attribute.SparseTensor).Where(tensor => tensor is not null))
                tensors.Check(tensor, what);
            foreach (var graph in attribute.Graphs.Append(attribute.G).Where(graph => graph is not null))
                read.UnionWith(Graph(graph, name => knows(name) || outer(name), deep + 1));
        }
        return read;
    }

    /// <summary>Whether some never get their turn, when each has it after those that it waits for.</summary>
    private static bool HasCircle(List<int>[] waits)
    {
        var left = waits.Select(own => own.Count).ToArray();
        var readers = waits.SelectMany((own, i) => own.Select(maker => (maker, i))).ToLookup(pair => pair.maker, pair => pair.i);
        var ready = new Queue<int>(left.Index().Where(pair => pair.Item == 0).Select(pair => pair.Index));
        var done = 0;
        while (ready.TryDequeue(out var i))
        {
            done++;
            foreach (var reader in readers[i])
                if (--left[reader] == 0) ready.Enqueue(reader);
        }
        return done < waits.Length;
    }

    private static string Called(NodeProto node) => $"the node '{(node.Name.Length > 0 ? node.Name : node.OpType)}'";

    private InputException Wrong(string what) => OnnxFault.Of(path, what);
}

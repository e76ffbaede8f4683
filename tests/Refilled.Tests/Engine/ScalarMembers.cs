using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace Refilled.Tests.Engine;

/// <summary>Finds the members of TorchSharp that make a native scalar, read from its IL.</summary>
/// <remarks>A member counts that takes one as an argument, which its caller has to hold, that makes one inside, which nobody holds while
/// the engine reads it, or that makes a module or a like object one of whose overrides does.</remarks>
/// <param name="module">TorchSharp.dll.</param>
internal sealed class ScalarMembers(ModuleDefinition module)
{
    private const string Scalar = "TorchSharp.Scalar";

    private readonly List<TypeDefinition> types = [.. module.GetTypes()];

    /// <summary>Documentation ids of all that other assemblies can reach, in ordinal order.</summary>
    public IReadOnlyList<string> Ids()
    {
        var methods = types.SelectMany(type => type.Methods).ToList();
        var (making, hiding) = Making(methods);
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        ids.UnionWith(methods.Where(method => IsReachable(method) && (making.Contains(method) || TakesOne(method))).Select(IdOf));
        ids.UnionWith(types.Where(type => IsReachable(type) && hiding.Contains(type)).Select(DocCommentId.GetDocCommentId));
        // The scalar's own members are what a held form is made of; the type stands for them.
        ids.RemoveWhere(id => id.StartsWith($"M:{Scalar}.", StringComparison.Ordinal));
        ids.Add($"T:{Scalar}");
        return [.. ids];
    }

    /// <summary>The methods that make a scalar or call one that does, and the types with such an override: it is called by its base
    /// type's name (Module.call), so that whoever makes such an object counts, too.</summary>
    private (HashSet<MethodDefinition> Methods, HashSet<TypeDefinition> Types) Making(List<MethodDefinition> methods)
    {
        var callers = CallersOf(methods);
        var making = new HashSet<MethodDefinition>();
        var hiding = new HashSet<TypeDefinition>();
        var found = methods.Where(method => Called(method).Any(Makes)).ToList();
        while (found.Count > 0)
        {
            var waiting = new Queue<MethodDefinition>(found.Where(making.Add));
            while (waiting.TryDequeue(out var made))
                foreach (var caller in callers[made].Where(making.Add)) waiting.Enqueue(caller);
            var overrides = making.Where(method => method is { IsVirtual: true, IsNewSlot: false });
            var overriding = overrides.Select(method => method.DeclaringType).ToHashSet();
            hiding = [.. types.Where(type => Lineage(type).Any(overriding.Contains))];
            var makers = hiding.SelectMany(type => type.Methods).Where(method => method is { IsConstructor: true, IsStatic: false });
            found = [.. makers.Where(method => !making.Contains(method))];
        }
        return (making, hiding);
    }

    private ILookup<MethodDefinition, MethodDefinition> CallersOf(List<MethodDefinition> methods)
    {
        var calls = from caller in methods
                    from called in Called(caller)
                    where called.DeclaringType.Scope == module
                    let definition = called.Resolve()
                    where definition is not null // of an array's own members there is none
                    from run in Runs(definition)
                    select (run, caller);
        return calls.ToLookup(pair => pair.run, pair => pair.caller);
    }

    private static IEnumerable<MethodReference> Called(MethodDefinition method) =>
        method.HasBody ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>() : [];

    /// <summary>What a call runs: the method; where it makes an iterator or a closure, all that is in that.</summary>
    private static MethodDefinition[] Runs(MethodDefinition called) =>
        called.IsConstructor && called.DeclaringType.Name.StartsWith('<') ? [.. called.DeclaringType.Methods] : [called];

    private static bool Makes(MethodReference called) =>
        called.ReturnType.FullName == Scalar || called.DeclaringType.FullName == Scalar && called.Name == ".ctor";

    private static bool TakesOne(MethodDefinition method) => method.Parameters.Any(parameter => Mentions(parameter.ParameterType));

    private static bool Mentions(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.Any(Mentions),
        TypeSpecification of => Mentions(of.ElementType),
        _ => type.FullName == Scalar,
    };

    private static IEnumerable<TypeDefinition> Lineage(TypeDefinition type)
    {
        for (var of = type; ; of = of.BaseType.Resolve())
        {
            yield return of;
            if (of.BaseType?.Scope != of.Module) yield break;
        }
    }

    private static string IdOf(MethodDefinition method)
    {
        var property = method.DeclaringType.Properties.FirstOrDefault(own => own.GetMethod == method || own.SetMethod == method);
        return DocCommentId.GetDocCommentId((IMemberDefinition?)property ?? method);
    }

    private static bool IsReachable(MethodDefinition method) =>
        (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && IsReachable(method.DeclaringType);

    private static bool IsReachable(TypeDefinition type) =>
        type.IsPublic || (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsReachable(type.DeclaringType);
}

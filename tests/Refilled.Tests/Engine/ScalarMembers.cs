using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace Refilled.Tests.Engine;

/// <summary>Finds the members of TorchSharp that make a native scalar, read from its IL.</summary>
/// <remarks>A member counts that takes one as an argument, which its caller has to hold, that makes one inside, which nobody holds while the
/// engine reads it, or that makes a module or a like object one of whose overrides does.</remarks>
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
        foreach (var method in methods.Where(method => IsReachable(method) && (making.Contains(method) || TakesOne(method)))) ids.Add(IdOf(method));
        foreach (var type in types.Where(type => IsReachable(type) && hiding.Contains(type))) ids.Add(DocCommentId.GetDocCommentId(type));
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
            var overriding = making.Where(method => method.IsVirtual && !method.IsNewSlot).Select(method => method.DeclaringType).ToHashSet();
            hiding = [.. types.Where(type => Lineage(type).Any(overriding.Contains))];
            found = [.. hiding.SelectMany(type => type.Methods).Where(method => method.IsConstructor && !method.IsStatic && !making.Contains(method))];
        }
        return (making, hiding);
    }

    private ILookup<MethodDefinition, MethodDefinition> CallersOf(List<MethodDefinition> methods) =>
        methods.SelectMany(caller => Called(caller).Where(called => called.DeclaringType.Scope == module)
            .Select(called => called.Resolve()).OfType<MethodDefinition>().SelectMany(Runs).Select(called => (called, caller))).ToLookup(pair => pair.called, pair => pair.caller);

    private static IEnumerable<MethodReference> Called(MethodDefinition method) =>
        method.HasBody ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>() : [];

    /// <summary>What a call runs: the method; where it makes an iterator or a closure, all that is in that.</summary>
    private static IEnumerable<MethodDefinition> Runs(MethodDefinition called) =>
        called.IsConstructor && called.DeclaringType.Name.StartsWith('<') ? called.DeclaringType.Methods : [called];

    private static bool Makes(MethodReference called) => called.ReturnType.FullName == Scalar || called.DeclaringType.FullName == Scalar && called.Name == ".ctor";

    private static bool TakesOne(MethodDefinition method) => method.Parameters.Any(parameter => Mentions(parameter.ParameterType));

    private static bool Mentions(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.Any(Mentions),
        TypeSpecification of => Mentions(of.ElementType),
        _ => type.FullName == Scalar,
    };

    private static IEnumerable<TypeDefinition> Lineage(TypeDefinition type)
    {
        for (var of = type; of is not null; of = of.BaseType is { } parent && parent.Scope == of.Module ? parent.Resolve() : null) yield return of;
    }

    private static string IdOf(MethodDefinition method)
    {
        var property = method.DeclaringType.Properties.FirstOrDefault(property => property.GetMethod == method || property.SetMethod == method);
        return DocCommentId.GetDocCommentId((IMemberDefinition?)property ?? method);
    }

    private static bool IsReachable(MethodDefinition method) => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && IsReachable(method.DeclaringType);

    private static bool IsReachable(TypeDefinition type) =>
        type.IsPublic || (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsReachable(type.DeclaringType);
}

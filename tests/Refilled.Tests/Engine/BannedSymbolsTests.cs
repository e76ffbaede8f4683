using System.Text.RegularExpressions;
using Mono.Cecil;
using Refilled.Tests.Support;
using TorchSharp;

namespace Refilled.Tests.Engine;

/// <summary>The list of what src must not call is made of the engine that is referenced, so that an upgrade can't slip through.</summary>
public class BannedSymbolsTests
{
    private static readonly string File = Path.Combine(Repository.Root, "src", "BannedSymbols.txt");

    [Fact]
    public void The_banned_members_are_those_that_make_a_scalar()
    {
        using var module = ModuleDefinition.ReadModule(typeof(torch).Assembly.Location);
        var actual = string.Concat(new ScalarMembers(module).Ids().Select(id => $"{id}; {Reason}\n"));
        if (Environment.GetEnvironmentVariable("REFILLED_RECORD_BANNED") == "1") System.IO.File.WriteAllText(File, actual);
        Assert.True(System.IO.File.ReadAllText(File).ReplaceLineEndings("\n") == actual,
            $"The engine's members that make a scalar differ from {File}. Run the tests once with REFILLED_RECORD_BANNED=1, read the "
            + "difference, and mend what no longer builds.");
    }

    [Theory]
    [InlineData("M:TorchSharp.torch.Tensor.add(TorchSharp.torch.Tensor)")] // its alpha of 1 is made inside
    [InlineData("M:TorchSharp.torch.Tensor.op_Addition(TorchSharp.torch.Tensor,TorchSharp.torch.Tensor)")]
    [InlineData("M:TorchSharp.torch.Tensor.mul(TorchSharp.Scalar)")] // its caller makes it
    [InlineData("M:TorchSharp.TensorExtensionMethods.ToDouble(TorchSharp.torch.Tensor)")] // reads one that it makes
    [InlineData("M:TorchSharp.torch.nn.functional.softplus(TorchSharp.torch.Tensor,System.Double,System.Double)")] // by a private member
    [InlineData("T:TorchSharp.Modules.BatchNorm2d")] // in forward, which is called by the name of Module
    [InlineData("M:TorchSharp.torch.nn.LeakyReLU(System.Double,System.Boolean)")] // makes a module that does
    public void Each_way_of_making_one_is_found(string id) =>
        Assert.Contains(System.IO.File.ReadLines(File), line => line.StartsWith(id + ";", StringComparison.Ordinal));

    [Theory]
    [InlineData("M:TorchSharp.torch.Tensor.sub(TorchSharp.torch.Tensor)")]
    [InlineData("M:TorchSharp.torch.Tensor.mul(TorchSharp.torch.Tensor)")]
    [InlineData("M:TorchSharp.torch.nn.functional.batch_norm")]
    [InlineData("M:TorchSharp.torch.nn.Linear")]
    public void What_makes_none_is_free(string id) =>
        Assert.DoesNotContain(System.IO.File.ReadLines(File), line => line.StartsWith(id, StringComparison.Ordinal));

    [Fact]
    public void One_file_of_the_sources_may_make_scalars()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        const string freeing = @"RS0030|#pragma warning disable\s*(//.*)?$";
        var freed = sources.Where(path => Regex.IsMatch(System.IO.File.ReadAllText(path), freeing, RegexOptions.Multiline));
        Assert.Equal(["Numbers.cs"], freed.Select(Path.GetFileName));
    }

    private const string Reason = "a number that nobody holds: see Numbers.cs";
}

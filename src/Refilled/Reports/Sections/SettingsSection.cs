using System.Text.Json;
using Refilled.Reports.Html;

namespace Refilled.Reports.Sections;

/// <summary>How the run can be made again: its recipe, and the machine that it ran on.</summary>
internal static class SettingsSection
{
    public static Markup Of(ReportFacts facts)
    {
        var (recipe, machine) = (facts.Subject.RecipeText, Environment(facts.Subject.Environment));
        return recipe is null && machine.Count == 0 ? Markup.Nothing : Markup.Of($"""
            <section id="settings"><h2>Settings and machine</h2>
            {(machine.Count == 0 ? Markup.Nothing : Table.Facts(machine))}
            {(recipe is null ? Markup.Nothing : Markup.Of($"""
                <details><summary>The recipe</summary><pre tabindex="0">{recipe}</pre></details>
                """))}
            </section>
            """);
    }

    private static List<(string What, string Value)> Environment(JsonElement? recorded)
    {
        var rows = new List<(string, string)>();
        if (recorded is not { ValueKind: JsonValueKind.Object } all) return rows;
        Add("Refilled", all, "version");
        Add("Begun", all, "started");
        Add("Data (SHA-256)", all, "dataHash");
        Add("Teacher", all, "teacher");
        Add("Teacher (SHA-256)", all, "teacherHash");
        if (all.TryGetProperty("host", out var host) && host.ValueKind == JsonValueKind.Object)
        {
            Add("System", host, "system");
            Add(".NET", host, "dotNet");
            Add("TorchSharp", host, "torchSharp");
            Add("libtorch", host, "libtorch");
            if (host.TryGetProperty("cpu", out var cpu) && cpu.ValueKind == JsonValueKind.Object) Add("Processor", cpu, "model");
            Add("Cores", host, "cores");
            Add("Threads", host, "threads");
            Add("Memory, MiB", host, "memoryMiB");
        }
        return rows;

        void Add(string what, JsonElement from, string key)
        {
            if (from.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                rows.Add((what, value.ToString()));
        }
    }
}

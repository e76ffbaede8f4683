namespace Refilled.Reports.Html;

/// <summary>Tables of a page: the first cell of each row is its name.</summary>
internal static class Table
{
    /// <summary>A table that scrolls sideways where it is too wide.</summary>
    /// <param name="columns">Their headings; a "#" before one says that it has numbers.</param>
    /// <param name="rows">The cells of each row.</param>
    public static Markup Of(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) => Markup.Of($"""
        <div class="scroll" tabindex="0" role="group" aria-label="{columns[0].TrimStart('#')}: table"><table>
        <thead><tr>{Markup.Each(columns, column => Markup.Of($"<th scope=\"col\"{Kind(column)}>{column.TrimStart('#')}</th>"))}</tr></thead>
        <tbody>{Markup.Each(rows, row => Row(columns, row))}</tbody></table></div>
        """);

    /// <summary>What is known of one thing.</summary>
    public static Markup Facts(IEnumerable<(string What, string Value)> facts) => Markup.Of($"""
        <table class="facts"><tbody>
        {Markup.Each(facts, fact => Markup.Of($"<tr><th scope=\"row\">{fact.What}</th><td>{fact.Value}</td></tr>"))}
        </tbody></table>
        """);

    private static Markup Row(IReadOnlyList<string> columns, IReadOnlyList<string> row)
    {
        var cells = Markup.Each(row.Index().Skip(1), cell => Markup.Of($"<td{Kind(columns[cell.Index])}>{cell.Item}</td>"));
        return Markup.Of($"<tr><th scope=\"row\">{row[0]}</th>{cells}</tr>");
    }

    private static Markup Kind(string column) => new(column.StartsWith('#') ? " class=\"n\"" : "");
}

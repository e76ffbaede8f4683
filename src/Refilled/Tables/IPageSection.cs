namespace Refilled.Tables;

/// <summary>A report that can be a section of a page of results; see <see cref="ResultsPage"/>.</summary>
public interface IPageSection
{
    /// <summary>The heading.</summary>
    string Title { get; }

    /// <summary>The word that marks its kind in the page, such as "grid".</summary>
    string Kind { get; }

    /// <summary>The section as Markdown, without the heading.</summary>
    string Markdown();
}

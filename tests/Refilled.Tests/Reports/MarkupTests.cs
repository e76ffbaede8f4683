using Refilled.Reports.Html;

namespace Refilled.Tests.Reports;

public class MarkupTests
{
    [Fact]
    public void What_is_put_in_is_escaped_unless_it_is_HTML_already()
    {
        const string name = "<script>alert('a & \"b\"')</script>";
        var inner = Markup.Of($"<b>{name}</b>");
        Assert.Equal("<b>&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;</b>", inner.Text);
        Assert.Equal($"<p>{inner.Text}</p>", Markup.Of($"<p>{inner}</p>").Text);
        Assert.Equal("<i>1</i><i>2</i>", Markup.Each([1, 2], one => Markup.Of($"<i>{one}</i>")).Text);
    }

    [Fact]
    public void Numbers_are_written_alike_in_every_country()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        try
        {
            var comma = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            Thread.CurrentThread.CurrentCulture = comma;
            Assert.Equal("1.50 0.25", Markup.Of($"{1.5:0.00} {0.25}").Text);
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }
}

using Refilled.Tables;
using Refilled.Recipes;
using Refilled.Tables.FewShot;
using Refilled.Tests.Support;

namespace Refilled.Tests.Tables.FewShot;

public sealed class FewShotPlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_times_shots_are_cells_over_networks_in_order()
    {
        var plan = MadeUpFewShot.Plan(folder);
        Assert.Equal(["backbone", "protonet-5", "resnet"], plan.Networks.Select(network => network.Name));
        Assert.Equal([null, "backbone", null], plan.Networks.Select(network => network.Start?.Name));
        Assert.Equal(["student", "protonet", "student"], plan.Networks.Select(network => network.Recipe!.Method));
        Assert.Equal(["svm/1", "svm/5", "protonet/1", "protonet/5", "refilled-resnet/1", "refilled-resnet/5"],
            plan.Cells.Select(cell => cell.Id));
        Assert.Equal(["backbone", "backbone", "backbone", "protonet-5", "backbone", "backbone"],
            plan.Cells.Select(cell => cell.Backbone.Name));
        Assert.Equal([6, 6, 6, 6, 4, 4], plan.Cells.Select(cell => cell.Recipe.Tasks));
        Assert.Equal((3, 5, 4), (plan.Cells[3].Recipe.Episode.Way, plan.Cells[3].Recipe.Episode.Shot, plan.Cells[3].Recipe.Episode.Query));
        Assert.Equal(2, plan.Cells[0].Recipe.Svm.C);
        Assert.Equal("resnet", plan.Cells[5].Teacher!.Name);
        Assert.Equal("refilled-resnet_5.json", plan.Cells[5].ResultName);

        // The data's place, the device and options of other learners decide no number.
        var elsewhere = MadeUpFewShot.Plan(folder, null, "data=folder:x", "base.device=auto", "base.threads=3", "base.refilled.views=3",
            "training.threads=2");
        Assert.Equal(plan.Networks.Select(network => network.SettingsHash), elsewhere.Networks.Select(network => network.SettingsHash));
        Assert.Equal(plan.Cells.Take(4).Select(cell => cell.SettingsHash), elsewhere.Cells.Take(4).Select(cell => cell.SettingsHash));
        Assert.NotEqual(plan.Cells[4].SettingsHash, elsewhere.Cells[4].SettingsHash);
    }

    [Theory]
    [InlineData("shots: [1, 5]", "shots: [1, 1]", "shots: 1 stands twice")]
    [InlineData("shots: [1, 5]", "shots: [0, 5]", "shots: must be from 1 to 10000, not 0")]
    [InlineData("shots: [1, 5]", "shots: [1, 10]", "rows[2].shots: 5 is none of the table's shots (1, 10)")]
    [InlineData("shots: [5]", "shots: [1]", "rows: 'protonet' stands twice with 1 shots")]
    [InlineData("- { name: backbone }", "- { name: Backbone }", "networks[0].name: must be of lower-case letters")]
    [InlineData("- name: resnet", "- name: backbone", "networks: 'backbone' stands twice")]
    [InlineData("teacher: resnet", "teacher: resnt", "rows[3].teacher: the table has no network 'resnt'. Did you mean 'resnet'?")]
    [InlineData(", teacher: resnet", "", "rows[3].teacher: the learner 'refilled' reads a teacher")]
    [InlineData("learner: svm", "learner: svn", "rows[0].learner: There is no few-shot learner 'svn'. Did you mean 'svm'?")]
    [InlineData("learner: svm, backbone: backbone", "learner: svm, backbone: backbone, teacher: resnet",
        "rows[0].teacher: the learner 'svm' reads no teacher")]
    [InlineData("title: Few shots", "title: Few shots\nbaselines: [protnet]",
        "baselines: 'protnet' is none of the rows. Did you mean 'protonet'?")]
    [InlineData("title: Few shots", "title: Few shots\npublished: cifar-sf",
        "published: there are no published numbers of 'cifar-sf'. Did you mean 'cifar-fs'?")]
    [InlineData("start: backbone", "start: backbne",
        "networks.protonet-5.start: there is no network 'backbne' in the table, and no such file. Did you mean 'backbone'?")]
    [InlineData("start: backbone", "start: resnet",
        "networks.protonet-5.start: networks are trained in order, so 'resnet' must stand before it")]
    [InlineData("start: backbone", "start: backbone, student: resnet-8",
        "networks.protonet-5.start: 'backbone' is a wrn-10-1, but this is a resnet-8")]
    [InlineData("method: protonet", "method: protonett", "method: There is no method 'protonett'")]
    [InlineData("recipe: { student: resnet-8 }", "trained: models/x\n"
        + "  recipe: { student: resnet-8 }", "networks[2].trained: stands beside a recipe")]
    [InlineData("edits: { svm: { c: 2 } }", "edits: { svm: { c: -2 } }", "svm.c: must be positive, not -2")]
    [InlineData("edits: { svm: { c: 2 } }", "edits: { swm: { c: 2 } }", "swm: unknown key. Did you mean 'svm'?")]
    [InlineData("edits: { svm: { c: 2 } }", "edits: { svm: { c: null } }", "svm.c: there is nothing to choose it on")]
    [InlineData("learner: protonet, backbone: protonet-5", "learner: feat, backbone: protonet-5", "rows.protonet.backbone: the learner "
        + "'feat' needs what the loss 'set-to-set' trains beside its network, but 'protonet-5' is trained by the method protonet")]
    public void Mistakes_are_told_with_their_place(string was, string now, string message)
    {
        Assert.Contains(was, MadeUpFewShot.Text, StringComparison.Ordinal);
        var text = MadeUpFewShot.Text.Replace(was, now, StringComparison.Ordinal);
        var error = Assert.Throws<RecipeException>(() => MadeUpFewShot.Plan(folder, text)).Message;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("table.yaml:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quick-middle-shot.yaml")]
    [InlineData("cifar-fs-middle-shot.yaml")]
    public void The_recipes_of_the_repository_have_all_rows(string name)
    {
        var plan = FewShotPlan.Expand(RecipeReader.Read<FewShotTableRecipe>(Path.Combine(Repository.Root, "recipes", "tables", name), []));
        Assert.Equal(["1nn", "svm", "fine-tune", "maml", "protonet", "feat", "refilled-resnet", "refilled-convnet"],
            plan.Cells.Select(cell => cell.Row.Name).Distinct());
        Assert.Equal([1, 5, 10, 30], plan.Recipe.Shots);
        Assert.Equal(30, plan.Cells.Count);
    }
}

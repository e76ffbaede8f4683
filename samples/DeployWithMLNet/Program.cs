// An exported student within a pipeline of ML.NET: pixels in, probabilities out. DeployWithMLNet <student.onnx> <image>...
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using Refilled.Deploy;

if (args is not [var model, .. { Length: > 0 } images])
{
    Console.Error.WriteLine("DeployWithMLNet <student.onnx> <image>...");
    return 2;
}
using var classifier = ImageClassifier.Load(model);
var size = classifier.Size;

// Refilled.Deploy makes the pixels as they were in training; ML.NET takes it from there.
var ml = new MLContext(seed: 0);
var rows = images.Select(image => new Seen { Pixels = [.. classifier.View(File.ReadAllBytes(image)).Select(value => (float)value)] });
var schema = SchemaDefinition.Create(typeof(Seen));
schema["images"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1, 3, size, size);
var data = ml.Data.LoadFromEnumerable(rows, schema);
var pipeline = ml.Transforms.ApplyOnnxModel(new OnnxOptions
{
    ModelFile = model, InputColumns = ["images"], OutputColumns = ["probabilities"],
    ShapeDictionary = new Dictionary<string, int[]>
        { ["images"] = [1, 3, size, size], ["probabilities"] = [1, classifier.ClassNames.Count] },
});
var answers = ml.Data.CreateEnumerable<Said>(pipeline.Fit(data).Transform(data), reuseRowObject: false).ToList();

var worst = 0f;
foreach (var (image, answer) in images.Zip(answers))
{
    var best = Array.IndexOf(answer.Probabilities, answer.Probabilities.Max());
    Console.WriteLine(FormattableString.Invariant($"{image}  {classifier.ClassNames[best]} {100 * answer.Probabilities[best]:0.0} %"));
    var expected = classifier.Classify(image).Probabilities;
    worst = Math.Max(worst, expected.Zip(answer.Probabilities, (a, b) => Math.Abs(a - b)).Max());
}
Console.WriteLine(FormattableString.Invariant($"Refilled.Deploy says the same to {worst:0.0e0}"));
return worst <= 1e-4f ? 0 : 1;

internal sealed class Seen
{
    [ColumnName("images")]
    public float[] Pixels { get; set; } = [];
}

internal sealed class Said
{
    [ColumnName("probabilities")]
    public float[] Probabilities { get; set; } = [];
}

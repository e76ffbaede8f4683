// An exported student behind a web API of your own:
//   DeployWithOnnxRuntime --model student.onnx --urls http://127.0.0.1:5000
//   curl --data-binary @photo.jpg http://127.0.0.1:5000/classify
using Refilled.Deploy;

var builder = WebApplication.CreateBuilder(args);
var model = builder.Configuration["model"] ?? throw new InvalidOperationException("Say which network: --model student.onnx");
builder.Services.AddSingleton(_ => ImageClassifier.Load(model));
var app = builder.Build();

app.MapGet("/", (ImageClassifier classifier) => new { classifier.Network, classifier.ClassNames });
app.MapPost("/classify", async (HttpRequest request, ImageClassifier classifier, CancellationToken cancel) =>
{
    using var image = new MemoryStream();
    await request.Body.CopyToAsync(image, cancel);
    try
    {
        var answer = classifier.Classify(image.ToArray(), cancel);
        return Results.Ok(new { Classes = answer.Top(3) });
    }
    catch (ImageException e)
    {
        return Results.BadRequest(new { Error = e.Message });
    }
});
app.Run();

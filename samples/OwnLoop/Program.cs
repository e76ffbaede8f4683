// One of Refilled's losses in a training loop of your own, and the student out as ONNX: OwnLoop <file.onnx>.
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Losses.Alignment;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Teachers;
using Refilled.Weights;
using static TorchSharp.torch;

TorchRuntime.Load(); // before the program's own first tensor, on older distributions of Linux
random.manual_seed(0);
var path = args is [var file] ? file : "student.onnx";

var letters = DataCatalog.Load("letters");
var (taught, learned) = (Part("Greek"), Part("Tagalog"));
using var knowing = Network("wrn-10-2", taught.Train.Classes);
Learn(knowing, taught.Train, (signals, _, labels) => nn.functional.cross_entropy(signals.Logits, labels), Needs.Logits);

using var teacher = new NetworkTeacher(knowing, taught.Train.ClassNames);
using var student = Network("wrn-10-1", learned.Train.Classes);
var alignment = new TripletAlignment { Weight = 50 };
Learn(student, learned.Train, (signals, images, labels) =>
{
    var opinion = teacher.Observe(images, Needs.Embedding);
    var own = nn.functional.cross_entropy(signals.Logits, labels);
    // A sum without a number in it: see docs/upstream/torchsharp-scalars.md.
    return stack([own, alignment.Of(signals, opinion, labels).to(own.dtype)]).sum();
}, Needs.Logits | Needs.Embedding);

var right = Evaluator.Right(student, learned.Test);
var (share, chance) = ((double)right.Count(one => one) / right.Count, 1.0 / learned.Train.Classes);
Console.WriteLine(FormattableString.Invariant(
    $"{100 * share:0.0} % of {right.Count} drawings by other people; chance is {100 * chance:0.0} %"));

using var scope = NewDisposeScope();
using var stream = BatchStream.Evaluation(learned.Test).Epoch(0).First();
var difference = OnnxExport.Save(path, new TrainedNetwork(student, learned.Train.ClassNames), stream.Images);
Console.WriteLine(FormattableString.Invariant($"{path}: ONNX Runtime agrees to {difference:0.0e0}"));
return share > 2 * chance ? 0 : 1;

(ImageSet Train, ImageSet Test) Part(string alphabet)
{
    var classes = ClassSpec.Parse($"alphabet:{alphabet}").Resolve(letters);
    return (letters.Train.OfClasses(classes), letters.Test.OfClasses(classes));
}

EmbeddingNetwork Network(string name, int classes) =>
    NetworkCatalog.Create(name, new NetworkOptions(classes) { Input = InputSpec.Square(32, letters.Statistics!) });

static void Learn(EmbeddingNetwork network, ImageSet images, Func<Signals, Tensor, Tensor, Tensor> loss, Needs needs)
{
    const int epochs = 15;
    using var optimizer = optim.SGD(network.parameters(), learningRate: 0.1, momentum: 0.9, weight_decay: 5e-4);
    var batches = new BatchStream(images, new BatchStreamOptions { BatchSize = 32 });
    network.train();
    for (var epoch = 0; epoch < epochs; epoch++)
    {
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 0.05 * (1 + Math.Cos(Math.PI * epoch / epochs));
        foreach (var batch in batches.Epoch(epoch))
        {
            using (batch)
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                loss(network.Observe(batch.Images, needs), batch.Images, batch.Labels).backward();
                optimizer.step();
            }
        }
    }
    network.eval();
}

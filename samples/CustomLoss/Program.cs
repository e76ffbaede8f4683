// A loss of your own beside Refilled's, in Refilled's own training: the trainer needs nothing but the record below.
using Refilled.Data;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static TorchSharp.torch;

var letters = DataCatalog.Load("letters");
var (taught, learned) = (Part("Greek"), Part("Tagalog"));
using var knowing = Network("wrn-10-2", taught.Train.Classes);
Train(knowing, null, taught.Train, new Stage("alone", [new CrossEntropy()], StageLength.Second, SelectionMeasure.Accuracy));

// The student's classes are others than the teacher's: its embedding alone can be read.
using var teacher = new NetworkTeacher(knowing, taught.Train.ClassNames);
using var student = Network("wrn-10-1", learned.Train.Classes);
Train(student, teacher, learned.Train,
    new Stage("taught", [new CrossEntropy(), new CosineAgreement { Weight = 5 }], StageLength.Second, SelectionMeasure.Accuracy));
var chance = 1.0 / learned.Train.Classes;
var right = Right(student, learned.Test);
Console.WriteLine(FormattableString.Invariant(
    $"{100 * right:0.0} % of {learned.Test.Count} drawings by other people; chance is {100 * chance:0.0} %"));
return right > 2 * chance ? 0 : 1;

(ImageSet Train, ImageSet Test) Part(string alphabet)
{
    var classes = ClassSpec.Parse($"alphabet:{alphabet}").Resolve(letters);
    return (letters.Train.OfClasses(classes), letters.Test.OfClasses(classes));
}

EmbeddingNetwork Network(string name, int classes) =>
    NetworkCatalog.Create(name, new NetworkOptions(classes) { Input = InputSpec.Square(32, letters.Statistics!) });

static void Train(EmbeddingNetwork network, ITeacher? teacher, ImageSet images, Stage stage)
{
    var method = new Method(stage.Name, [stage]);
    var task = new TrainingTask(network, teacher, method, images, images.At([]))
    {
        BatchSize = 32, Stage2 = new StageSettings { Epochs = 15, Schedule = ScheduleKind.Cosine },
    };
    using var outcome = new Trainer(task).Run();
    outcome.GiveTo(network);
}

static double Right(EmbeddingNetwork network, ImageSet test)
{
    var right = Refilled.Evaluation.Evaluator.Right(network, test);
    return (double)right.Count(one => one) / right.Count;
}

/// <summary>How alike two images are should be what the teacher thinks: the cosines between all pairs of a batch.</summary>
internal sealed record CosineAgreement : PureLoss
{
    public override string Name => "cosine-agreement";

    public override Needs StudentNeeds => Needs.Embedding;

    public override Needs TeacherNeeds => Needs.Embedding;

    public override LossTerm Compute(Signals student, Signals teacher, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var difference = Cosines(student.Embedding) - Cosines(teacher.Embedding.detach());
        var squares = (difference * difference).sum();
        // A sum and what it is a sum over; both outlive the scope.
        return new LossTerm(squares.MoveToOuterDisposeScope(), ones_like(difference).sum().MoveToOuterDisposeScope());
    }

    private static Tensor Cosines(Tensor rows)
    {
        var unit = nn.functional.normalize(rows, dim: 1);
        return unit.mm(unit.transpose(0, 1));
    }
}

using Refilled.Evaluation;
using Refilled.Tests.Support;

namespace Refilled.Tests.Evaluation;

public class ClassResultTests
{
    [Fact]
    public void Each_class_has_its_accuracy_and_the_worst_comes_first()
    {
        // Images 0 … 9 of classes 0 1 2 0 1 2 0 1 2 0; class 3 has none.
        var set = MadeUpImages.Set(10, 3).Among(["class0", "class1", "class2", "empty"]);
        bool[] right = [true, false, true, true, true, false, true, false, true, false];
        var classes = ClassResult.Of(right, set);
        Assert.Equal([new ClassResult("class1", 1, 3), new ClassResult("class2", 2, 3), new ClassResult("class0", 3, 4)], classes);
        Assert.Equal((1 / 3.0 + 2 / 3.0 + 3 / 4.0) / 3, ClassResult.Balanced(classes), 1e-12);
    }

    [Fact]
    public void Of_equal_classes_the_first_comes_first() =>
        Assert.Equal(["class0", "class1"], ClassResult.Of([true, true, true, true], MadeUpImages.Set(4, 2)).Select(one => one.Name));
}

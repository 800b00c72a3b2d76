import threading
import unittest


class Tests(unittest.TestCase):
    def test_passes(self):
        event = threading.Event()
        event.set()
        self.assertTrue(event.wait(1))

    def test_fails(self):
        self.assertEqual([1, 2], [1, 3])

    def test_errors(self):
        {}["x"]

    @unittest.skip("a reason")
    def test_skipped(self):
        pass


unittest.main()

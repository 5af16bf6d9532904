"""How fast other graders of notebooks are: the same homework and the same checks, put to each of them.

python -m benchmarks.peers [--graders nbgrader,otter,otter-api,pytest,floor,ours-1,ours-2] [--slow 6] [--fast 240]

| name | what is measured |
|---|---|
| nbgrader | one `nbgrader autograde` of the class, from `submitted/` to its gradebook |
| otter | `otter run` for each submission: Otter's way without containers |
| otter-api | `otter.api.grade_submission` in one process, which imports Otter once |
| pytest | the notebook as a module, and a fresh `python -m pytest` for each submission |
| floor | one warm process without any isolation: `exec`, call, compare |
| ours-1, ours-2 | `autograder grade` with one job and with two |

Each grades a class of one and a class of N more; what a submission costs is the difference, divided by N, so that no
start-up counts on any side. The class has a right answer and five wrong ones in turn. The points that each grader
gives are compared with the floor's. nbgrader and Otter are installed into an environment of their own, in a cache
folder, and left out with a message where they cannot be had.
"""

// made by the next commit

"""What drivers are told, once: nobody has two tours at a time, and what has gone on stays."""

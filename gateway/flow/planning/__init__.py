"""Planning: the tours of the merchant's own vans.

`parts` say what visits and vans are, `days` put them together as one problem, `telling` decides what
drivers are told, `standing` reads the tours that they have. On them stand `plans`, which somebody asks
for, and `changes` of single stops and tours.
"""

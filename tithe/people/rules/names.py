"""Made-up names and addresses, so that nothing personal is in the database.

A post always gets the same name: it is drawn from the SHA-256 of the post's key, so that a second import, or
the import of next quarter's files, finds the people it knows.
"""

import hashlib

_GIVEN = (
    "Aaliyah Aaron Abigail Ada Adam Adeola Agnieszka Aisha Alan Alasdair Alice Amara Amelia Amina Amir "
    "Amy Ananya Andrew Angela Angus Anita Anna Anthony Anwen Archie Arjun Arthur Ava Ayesha Barbara "
    "Benjamin Bethan Bilal Brian Bronwen Caitlin Callum Carys Catherine Charlotte Chidi Chloe Christopher "
    "Ciara Claire Conor Craig Dafydd Daniel David Deborah Declan Deepa Denise Dominic Donald Dylan Ebony "
    "Edward Efua Eilidh Eleanor Elizabeth Ella Emeka Emily Emma Ewan Farah Fatima Fergus Fiona Florence "
    "Folasade Frances Freya Gareth George Gillian Grace Graham Gurpreet Hamish Hannah Harpreet Harriet "
    "Harry Hassan Heather Helen Henry Hugh Ibrahim Imran Iona Isaac Isabel Isla Jack Jacqueline Jagdeep "
    "James Jamal Jasmine Jaswinder Jennifer Jessica Joan Jonathan Joseph Joy Julie Kamal Karen Katarzyna "
    "Kavita Keith Kelly Kenneth Khadija Kirsty Kofi Kwame Laila Laura Leanne Leon Lewis Liam Lily Lorna "
    "Lucy Mairi Malik Manjit Marcia Margaret Maria Marlon Martin Mary Matthew Maureen Megan Mei Mercy "
    "Michael Miriam Mohammed Molly Morag Musa Nadia Naomi Natasha Neil Ngozi Nia Nicola Nigel Noor Oliver "
    "Olivia Omar Oscar Owen Parveen Patrick Paul Peter Philippa Piotr Poppy Priya Rachel Rajesh Rebecca "
    "Rhiannon Rhys Richard Robert Roisin Rosie Ruth Ryan Sabrina Samuel Sanjay Sarah Sean Seren Shabana "
    "Shanice Sian Simon Sofia Sophie Stephen Stuart Sunita Susan Tamika Tariq Temi Thandiwe Theo Thomas "
    "Tomasz Usman Valerie Victoria Vikram Wei William Winston Yasmin Yusuf Zainab Zara Zoe"
)

_FAMILY = (
    "Abbott Abdi Adeyemi Afolabi Ahmed Akhtar Ali Allan Anderson Appiah Armstrong Asante Atkinson Bailey "
    "Baker Banerjee Barnes Begum Bell Bennett Bhatt Blackwood Boateng Bowen Boyd Bradley Brennan Brooks "
    "Brown Burns Butler Byrne Cameron Campbell Carter Chan Chapman Chaudhry Chen Chowdhury Clarke Cohen "
    "Cole Collins Cooper Cox Cunningham Dalton Das Davies Dawson Dhillon Diallo Dixon Docherty Douglas "
    "Doyle Edwards Ellis Evans Eze Farouk Ferguson Fernandes Fisher Fletcher Foster Fraser Gallagher "
    "Gibson Gill Goldberg Gordon Graham Grant Gray Green Grewal Griffiths Gupta Hall Hamilton Harris "
    "Harvey Hassan Henderson Hill Holmes Hughes Hunter Hussain Ibrahim Iqbal Islam Jackson Jenkins "
    "Johnson Johnstone Jones Joshi Kamara Kapoor Kaur Kelly Kennedy Khan Khatun King Knight Kowalski "
    "Kumar Lambert Lee Levy Lewis Li Lloyd MacDonald MacLeod Mahmood Malik Marsh Martin Mason McCarthy "
    "McKenzie McLean Mehta Mensah Miller Mistry Mitchell Moore Morgan Morris Murphy Murray Mwangi Nelson "
    "Nguyen Novak Nwosu Obi Okafor Okonkwo Oliver Osei Owen Owusu Palmer Parker Parry Patel Pereira Perry "
    "Phillips Powell Price Pritchard Qureshi Rahman Rana Rao Rees Reid Richards Roberts Robertson "
    "Robinson Rogers Ross Rowland Russell Saunders Sharma Shaw Simmonds Singh Sinclair Smith Solanki "
    "Stewart Sutherland Taylor Thomas Thompson Turner Uddin Vaughan Virdee Walker Walsh Ward Watson Webb "
    "White Williams Wilson Wong Wright Yilmaz Young Zielinski"
)

GIVEN_NAMES = _GIVEN.split()
FAMILY_NAMES = _FAMILY.split()
DOMAIN = "example.org"
MAX_LABEL = 60


def key_of(*parts: str) -> str:
    """Make a key that stays the same while these parts do: 64 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def name_for(key: str) -> str:
    """Make up a given and a family name for the holder of the post with this key."""
    drawn = int(key_of("name", key), 16)
    drawn, given = divmod(drawn, len(GIVEN_NAMES))
    return f"{GIVEN_NAMES[given]} {FAMILY_NAMES[drawn % len(FAMILY_NAMES)]}"


def email_for(key: str, name: str, organisation: str) -> str:
    """Make up an address in the organisation, given as a slug. Eight digits of the key keep it unshared."""
    given, family = name.casefold().split(" ", 1)
    label = organisation[:MAX_LABEL].strip("-") or "organisation"
    return f"{given}.{family}.{key[:8]}@{label}.{DOMAIN}"


def staff_number_for(key: str) -> str:
    return f"P{key[:12].upper()}"

/** What the shop's rows are worded with. People and places are invented; the domains are reserved (RFC 2606). */
export const FIRST_NAMES = (
  "Anna Ben Clara David Elif Felix Greta Hanna Ivan Jana Karl Lena Mateo Nora Omar Paula Quentin Rosa Samir Tessa " +
  "Ute Viktor Wanda Xenia Yusuf Zoe Adèle Björn Chloé Dario Émile Fatima Giulia Hugo Ines Jakub Katya Luca Mila Niels"
).split(" ")

export const LAST_NAMES = (
  "Albrecht Bauer Conti Dubois Eriksen Fischer García Hofmann Ivanova Jansen Kowalski Lambert Moreau Nowak Ortiz " +
  "Peters Quandt Rossi Schmidt Tanaka Ulrich Visser Weber Xu Yilmaz Zimmermann Lindqvist Müller Ferrari Marchetti"
).split(" ")

export const COUNTRIES = [
  { code: "DE", weight: 40, cities: ["Berlin", "Hamburg", "Köln", "Leipzig", "München"] },
  { code: "FR", weight: 12, cities: ["Lille", "Lyon", "Nantes", "Paris"] },
  { code: "AT", weight: 10, cities: ["Graz", "Linz", "Wien"] },
  { code: "CH", weight: 8, cities: ["Basel", "Bern", "Zürich"] },
  { code: "IT", weight: 8, cities: ["Bologna", "Milano", "Torino"] },
  { code: "NL", weight: 8, cities: ["Amsterdam", "Rotterdam", "Utrecht"] },
  { code: "ES", weight: 7, cities: ["Barcelona", "Madrid", "Sevilla"] },
  { code: "PL", weight: 7, cities: ["Gdańsk", "Kraków", "Warszawa"] },
]

export const CATEGORIES = [
  { name: "kitchen", things: ["bowl", "jug", "pan", "knife", "tea towel", "mug"] },
  { name: "garden", things: ["planter", "trowel", "watering can", "bird bath"] },
  { name: "lighting", things: ["desk lamp", "floor lamp", "lantern", "pendant"] },
  { name: "furniture", things: ["stool", "shelf", "side table", "chair"] },
  { name: "textiles", things: ["blanket", "cushion", "rug", "curtain"] },
  { name: "office", things: ["notebook", "pen tray", "organiser", "desk mat"] },
  { name: "bath", things: ["towel", "soap dish", "bath mat", "mirror"] },
  { name: "outdoor", things: ["bottle", "hammock", "picnic basket", "camp chair"] },
]

export const MATERIALS = ["Oak", "Walnut", "Linen", "Wool", "Steel", "Copper", "Stone", "Glass", "Cork", "Bamboo"]

export const CAMPAIGN_THEMES = ["Spring", "Fresh start", "Weekend", "New arrivals", "Members", "Clearance", "Gift"]
